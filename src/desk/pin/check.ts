/**
 * The checks of §8 in their order, for a PIN that the desk itself is to take. What is expired, used or replaced is not counted; a wrong one
 * is, and so is one with the right digits of a minute in which none was issued: only who was given a PIN knows its minute.
 */
import { findPinMinute, isPin, type PinRequest, WRONG_PINS } from '../../crypto/pin.ts'
import type { IssuedPin, PinState } from '../records/index.ts'
import { isClockBack } from './state.ts'

/** A "no" that is neither counted nor the clock's. */
export type PinRefused = 'closed' | 'not-issued' | 'expired' | 'used' | 'replaced' | 'revoked'
export type PinVerdict =
  | { readonly ok: true; readonly issued: IssuedPin }
  | { readonly ok: false; readonly why: PinRefused | 'wrong' | 'clock-back' }

type Heard = { readonly pinKey: Uint8Array; readonly request: PinRequest; readonly pin: string }
/** Policy may have become shorter since the PIN was issued. */
type Window = { readonly nowMinute: number; readonly longestMinutes: number }

export function judgePin(state: PinState, heard: Heard, window: Window): PinVerdict {
  const { issued } = state
  if (state.wrong >= WRONG_PINS) return { ok: false, why: 'closed' }
  if (isClockBack(state, window.nowMinute)) return { ok: false, why: 'clock-back' }
  if (issued === null) return { ok: false, why: 'not-issued' }
  const why = refuseDigits(state.lastUsedMinute, issued, heard, window)
  return why === null ? { ok: true, issued } : { ok: false, why }
}

/** Null when these are the digits of the PIN that is good now. */
function refuseDigits(
  lastUsedMinute: number | null,
  issued: IssuedPin,
  { pinKey, request, pin }: Heard,
  { nowMinute, longestMinutes }: Window,
): PinRefused | 'wrong' | null {
  const minute = findPinMinute(pin, nowMinute, Math.min(issued.ttlMinutes, longestMinutes))
  if (minute === null) return 'expired'
  if (!isPin(pinKey, { ...request, minute }, pin)) return 'wrong'
  if (minute === lastUsedMinute) return 'used'
  if (minute !== issued.minute) return minute < issued.minute ? 'replaced' : 'wrong'
  return issued.ended
}
