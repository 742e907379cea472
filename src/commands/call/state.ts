/**
 * A call as it stands: plain values, so that what each key makes of it is tested without a terminal. What is to be done outside (looked
 * up, checked, confirmed) is an effect, asked for by the state and answered by an event.
 */

import type { Device } from '../../desk/records/index.ts'
import type { VerificationMethod } from '../../desk/records/verification.ts'
import type { CheckAnswer, ConfirmAnswer } from '../../desk/reset/decide.ts'
import type { HeardCode } from '../../desk/reset/heard-code.ts'
import type { CallOutcome } from '../../desk/reset/outcome.ts'
import { EMPTY_LINE, type Line } from '../../term/line.ts'
import type { SpellingLanguage } from '../../term/spelling.ts'
import type { Effect } from './effect.ts'
import type { Facts, RanCommand } from './facts.ts'
import { type CodeEntry, EMPTY_ENTRY } from './steps/code-entry.ts'
import { type Search, startSearch } from './steps/search.ts'

export type Step =
  | ('find' | 'glance' | 'code' | 'words' | 'verify' | 'totp' | 'pin' | 'reason')
  | ('confirm' | 'answer' | 'outcome' | 'ticket' | 'done')

/** A word in front tells them apart, not the colour alone. */
export type Notice = { readonly tone: 'no' | 'note' | 'ok'; readonly message: string; readonly hint: string | null }

/** What a finished call was, for `--json`. */
export type Finished = {
  readonly deviceId: string
  readonly tag: number
  readonly user: string
  readonly verifiedBy: VerificationMethod | null
  readonly confirmSeq: number | null
  readonly result: CallOutcome | null
  readonly ticket: string | null
  readonly auditSeq: number | null
}

export type Settings = {
  readonly ticket: string | null
  /** What tickets look like here; null where any text will do. */
  readonly ticketPattern: string | null
  readonly language: SpellingLanguage
}

export type CallState = {
  readonly settings: Settings
  readonly step: Step
  /** The effect that is under way. */
  readonly busy: Effect | null
  /** Ctrl-C was pressed while something was being committed: it is waited for, and then left. */
  readonly leaving: boolean
  readonly notice: Notice | null
  readonly devices: readonly Device[] | null
  readonly search: Search
  readonly line: Line
  readonly facts: Facts | null
  readonly code: CodeEntry
  readonly heard: HeardCode | null
  readonly checked: CheckAnswer | null
  readonly verifiedBy: VerificationMethod | null
  /** Nothing was proven in this call: whether it was minutes ago, the desk says when it confirms. */
  readonly isLookedUp: boolean
  readonly reason: string | null
  readonly ticket: string | null
  readonly confirmed: { readonly answer: ConfirmAnswer; readonly seq: number } | null
  /** Which group is shown by itself, from 0; null for all. */
  readonly group: number | null
  readonly result: CallOutcome | null
  readonly ran: readonly RanCommand[]
  readonly finished: readonly Finished[]
}

/** What a key or an answer makes of a call, and what is to be done now. */
export type Next = { readonly state: CallState; readonly effect: Effect | null }

/** A call that begins with what the command line said. */
export function startCall(settings: Settings, wanted: string): CallState {
  return {
    ...FRESH,
    settings,
    ticket: settings.ticket,
    line: { text: wanted, cursor: Array.from(wanted).length },
    search: startSearch(wanted, [], wanted !== ''),
    devices: null,
    leaving: false,
    finished: [],
    busy: null,
  }
}

/** What is forgotten between two calls: nothing of a caller stays for the next one. */
const FRESH = {
  step: 'find',
  notice: null,
  line: EMPTY_LINE,
  facts: null,
  code: EMPTY_ENTRY,
  heard: null,
  checked: null,
  verifiedBy: null,
  isLookedUp: false,
  reason: null,
  confirmed: null,
  group: null,
  result: null,
  ran: [],
} as const

/** The next call, at the same desk. */
export function nextCall(state: CallState): CallState {
  const { settings } = state
  // A ticket of the command line was for the call that it began.
  return {
    ...state,
    ...FRESH,
    settings: { ...settings, ticket: null },
    ticket: null,
    devices: null,
    search: startSearch('', [], false),
  }
}

export const unchanged = (state: CallState): Next => ({ state, effect: null })
export const withEffect = (state: CallState, effect: Effect): Next => ({ state: { ...state, busy: effect }, effect })
export const notify = (
  state: CallState,
  tone: Notice['tone'],
  message: string,
  hint: string | null = null,
): CallState => ({
  ...state,
  notice: { tone, message, hint },
})
export const toStep = (state: CallState, step: Step, line: Line = EMPTY_LINE): CallState => ({
  ...state,
  step,
  line,
  notice: null,
})
