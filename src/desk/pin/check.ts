/**
 * The checks of §8 in their order, for a PIN that the desk itself accepts.
 * - An expired, used, replaced or revoked PIN is not counted as wrong.
 * - A wrong PIN is counted. So is a PIN with the right digits of a minute in which none was issued: only a person who
 *   was given a PIN knows its minute.
 */
import { findPinMinute, isPin, type PinRequest, WRONG_PINS } from '../../crypto/pin.ts'
import type { IssuedPin, PinState } from '../records/index.ts'
import { isClockBack } from './state.ts'

/** A refusal that is not counted and is not about the clock. */
export type PinRefused = 'closed' | 'not-issued' | 'expired' | 'used' | 'replaced' | 'revoked'
export type PinVerdict =
  | { readonly ok: true; readonly issued: IssuedPin }
  | { readonly ok: false; readonly why: PinRefused | 'wrong' | 'clock-back' }

type Heard = { readonly pinKey: Uint8Array; readonly request: PinRequest; readonly pin: string }
/** `longestMinutes` is today's policy. It may have become shorter since the PIN was issued. */
type Window = { readonly nowMinute: number; readonly longestMinutes: number }

export function judgePin(state: PinState, heard: Heard, window: Window): PinVerdict {
  const { issued } = state
  if (state.wrong >= WRONG_PINS) return { ok: false, why: 'closed' }
  if (isClockBack(state, window.nowMinute)) return { ok: false, why: 'clock-back' }
  if (issued === null) return { ok: false, why: 'not-issued' }
  const why = refuseDigits(state.lastUsedMinute, issued, heard, window)
  return why === null ? { ok: true, issued } : { ok: false, why }
}

/** Returns null if these are the digits of the PIN that is valid now. */
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
