/** The effects that a call asks for and the events that answer them, as plain data: one answer type per effect. */

import type { Device, PinDelivery } from '../../desk/records/index.ts'
import type { CheckAnswer, ConfirmAnswer } from '../../desk/reset/decide.ts'
import type { HeardCode } from '../../desk/reset/heard-code.ts'
import type { CallOutcome, OutcomeAnswer } from '../../desk/reset/outcome.ts'
import type { Refusal } from '../../errors.ts'
import type { ConfirmByName } from '../../operations/reset.ts'
import type { Key } from '../../term/keys.ts'
import type { Facts, RanCommand } from './facts.ts'
import type { Search } from './steps/search.ts'

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
  /** Prints the single commands of a finished call on the normal screen. */
  | { readonly do: 'tell'; readonly ran: readonly RanCommand[] }
  | { readonly do: 'leave'; readonly cancelled: boolean }

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
