/**
 * A call as it stands: plain values, so that what each key makes of it is tested without a terminal. What is to be done outside (looked
 * up, checked, confirmed) is an effect, asked for by the state and answered by an event.
 */
import type { CallOutcome, OutcomeAnswer } from '../../desk/outcome.ts'
import type { Policy, VerificationMethod } from '../../desk/policy.ts'
import type { Device, PinDelivery, Role, TotpAccount } from '../../desk/records.ts'
import type { CheckAnswer, ConfirmAnswer, HeardCode } from '../../desk/reset.ts'
import type { Refusal } from '../../errors.ts'
import type { ConfirmByName } from '../../operations/reset.ts'
import type { Key } from '../../term/keys.ts'
import { EMPTY_LINE, type Line } from '../../term/line.ts'
import type { SpellingLanguage } from '../../term/spelling.ts'
import { type CodeEntry, EMPTY_ENTRY } from './code-entry.ts'
import { type Search, startSearch } from './search.ts'

export type Step =
  | ('find' | 'glance' | 'code' | 'words' | 'verify' | 'totp' | 'pin' | 'reason')
  | ('confirm' | 'answer' | 'outcome' | 'ticket' | 'done')

/** What the desk knows of a device and its user, looked up when it was chosen. */
export type Facts = {
  readonly device: Device
  readonly confirmedBy: string | null
  readonly app: TotpAccount['state']
  readonly appVerifiedAt: number | null
  readonly policy: Policy
  readonly role: Role
  /** When all this was so, in milliseconds since 1970. */
  readonly at: number
}

/** A word in front tells them apart, not the colour alone. */
export type Notice = { readonly tone: 'no' | 'note' | 'ok'; readonly message: string; readonly hint: string | null }

/** One single command, as it would have been typed, and what came of it. */
export type Ran = { readonly words: readonly string[]; readonly refused: string | null }

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

export type Settings = { readonly ticket: string | null; readonly language: SpellingLanguage }

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
  readonly reason: string | null
  readonly ticket: string | null
  readonly confirmed: { readonly answer: ConfirmAnswer; readonly seq: number } | null
  /** Which group is shown by itself, from 0; null for all. */
  readonly group: number | null
  readonly result: CallOutcome | null
  readonly ran: readonly Ran[]
  readonly finished: readonly Finished[]
}

export type Effect =
  | { readonly do: 'load' }
  | { readonly do: 'search' }
  | { readonly do: 'look'; readonly deviceId: string }
  | { readonly do: 'check'; readonly heard: HeardCode; readonly device: string }
  | { readonly do: 'totp'; readonly user: string; readonly code: string }
  | { readonly do: 'pin'; readonly user: string; readonly device: string; readonly pin: string }
  | { readonly do: 'confirm'; readonly request: ConfirmByName }
  | {
      readonly do: 'outcome'
      readonly device: string
      readonly result: CallOutcome
      readonly ticket: string | null
    }
  /** The single commands of a finished call, on the normal screen. */
  | { readonly do: 'tell'; readonly ran: readonly Ran[] }
  | { readonly do: 'leave'; readonly cancelled: boolean }

/** The answer to an effect. */
export type Answer =
  | { readonly to: 'load'; readonly devices: readonly Device[] }
  | { readonly to: 'search'; readonly search: Search }
  | { readonly to: 'look'; readonly facts: Facts }
  | { readonly to: 'check'; readonly answer: CheckAnswer }
  | { readonly to: 'totp'; readonly stepsOff: number }
  | { readonly to: 'pin'; readonly delivered: PinDelivery }
  | { readonly to: 'confirm'; readonly answer: ConfirmAnswer; readonly seq: number }
  | { readonly to: 'outcome'; readonly answer: OutcomeAnswer; readonly seq: number }
  | { readonly to: 'tell' }

export type CallEvent =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

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

export const stay = (state: CallState): Next => ({ state, effect: null })
export const ask = (state: CallState, effect: Effect): Next => ({ state: { ...state, busy: effect }, effect })
export const say = (
  state: CallState,
  tone: Notice['tone'],
  message: string,
  hint: string | null = null,
): CallState => ({
  ...state,
  notice: { tone, message, hint },
})
export const go = (state: CallState, step: Step, line: Line = EMPTY_LINE): CallState => ({
  ...state,
  step,
  line,
  notice: null,
})
