/**
 * The state of a call, as plain values: tests can press keys without a terminal. Work outside the state (look up,
 * check, confirm) is an effect. The state asks for an effect, and an event answers it.
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

/** A word in front of the message (NO, NOTE, OK) shows the tone, not the colour alone. */
export type Notice = { readonly tone: 'no' | 'note' | 'ok'; readonly message: string; readonly hint: string | null }

/** The result of a finished call, for `--json`. */
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
  /** The pattern of a ticket. Null when any text is allowed. */
  readonly ticketPattern: string | null
  readonly language: SpellingLanguage
}

export type CallState = {
  readonly settings: Settings
  readonly step: Step
  /** The running effect. */
  readonly busy: Effect | null
  /** Ctrl-C was pressed during a commit: the call waits for the commit and then ends. */
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
  /** No code or PIN was proven in this call. At confirmation the desk checks whether one was proven minutes ago. */
  readonly isLookedUp: boolean
  readonly reason: string | null
  readonly ticket: string | null
  readonly confirmed: { readonly answer: ConfirmAnswer; readonly seq: number } | null
  /** The index of the group that is shown by itself, from 0. Null for all groups. */
  readonly group: number | null
  readonly result: CallOutcome | null
  readonly ran: readonly RanCommand[]
  readonly finished: readonly Finished[]
}

/** The state after a key or an answer, and the effect to start now. */
export type Next = { readonly state: CallState; readonly effect: Effect | null }

/** The first state of a call. `wanted` is the device or reset code of the command line. */
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

/** The values that every call starts with: no data of a caller stays for the next call. */
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

export function nextCall(state: CallState): CallState {
  const { settings } = state
  // The ticket of the command line belongs to the first call only.
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
