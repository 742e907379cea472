/**
 * The checks of §8 in their order, for a PIN that the desk itself is to take. What is expired, used or replaced is not counted; a wrong one
 * is, and so is one with the right digits of a minute in which none was issued: only who was given a PIN knows its minute.
 */
import { findPinMinute, isPin, minuteOf, PIN_SKEW_MINUTES, type PinRequest, WRONG_PINS } from '../crypto/pin.ts'
import type { PinState } from './records.ts'

/** Which "no" it is; `wrong` alone is counted. */
export type PinRefused = 'closed' | 'not-issued' | 'expired' | 'used' | 'replaced' | 'revoked'
export type PinVerdict = 'right' | 'wrong' | 'clock-back' | PinRefused

type Heard = { readonly pinKey: Uint8Array; readonly request: PinRequest; readonly pin: string }
/** Policy may have become shorter since the PIN was issued. */
type Window = { readonly nowMinute: number; readonly longestMinutes: number }

export function judgePin(
  { issued, lastUsedMinute, wrong, latestAt }: PinState,
  { pinKey, request, pin }: Heard,
  { nowMinute, longestMinutes }: Window,
): PinVerdict {
  if (wrong >= WRONG_PINS) return 'closed'
  if (nowMinute < minuteOf(latestAt) - PIN_SKEW_MINUTES) return 'clock-back'
  if (issued === null) return 'not-issued'
  const minute = findPinMinute(pin, nowMinute, Math.min(issued.ttlMinutes, longestMinutes))
  if (minute === null) return 'expired'
  if (!isPin(pinKey, { ...request, minute }, pin)) return 'wrong'
  if (minute === lastUsedMinute) return 'used'
  if (minute < issued.minute) return 'replaced'
  if (minute > issued.minute) return 'wrong'
  return issued.ended === null ? 'right' : issued.ended
}
