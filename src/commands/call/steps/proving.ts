/**
 * The keys of step 5: verifying the caller by a method that policy lists. The desk checks a code or a PIN at once. For
 * the other methods the operator's word counts.
 */
import { parsePin } from '../../../crypto/pin.ts'
import { checkName } from '../../../term/escape.ts'
import type { Key } from '../../../term/keys.ts'
import { editLine, lineOf } from '../../../term/line.ts'
import type { Facts } from '../facts.ts'
import { type CallState, type Next, notify, toStep, unchanged, withEffect } from '../state.ts'
import { listChoices } from './methods.ts'
import { tryText } from './text.ts'

export function pressInVerify(state: CallState, { name, text }: Key): Next {
  const { facts } = state
  const choice = facts === null || name !== 'text' ? undefined : listChoices(facts)[Number(text) - 1]
  if (choice === undefined || facts === null) return unchanged(state)
  const { method } = choice
  if (method === 'totp' || method === 'pin') return unchanged(toStep({ ...state, reason: null }, method))
  if (method !== 'none') return unchanged(toConfirm({ ...state, verifiedBy: method, reason: null }))
  const without = { ...state, verifiedBy: null, isLookedUp: false }
  return unchanged(
    facts.policy.callerVerification === 'required'
      ? toStep(without, 'reason')
      : toConfirm({ ...without, reason: null }),
  )
}

/** Opens the confirmation step, with the known ticket already in its line. */
export const toConfirm = (state: CallState, isLookedUp = false): CallState =>
  toStep({ ...state, isLookedUp }, 'confirm', lineOf(state.ticket ?? ''))

/** Edits the line. Enter submits it. */
export function pressInProof(state: CallState, key: Key): Next {
  const { line, facts } = state
  if (facts === null) return unchanged(state)
  if (key.name !== 'enter') {
    const edited = editLine(line, key)
    return unchanged(edited === null ? state : { ...state, line: edited, notice: null })
  }
  if (state.step === 'reason') return giveReason(state)
  return state.step === 'totp' ? proveByApp(state, facts) : proveByPin(state, facts)
}

/** Enter on an empty line claims a code of the last ten minutes. The desk checks that claim at the confirmation. */
function proveByApp(state: CallState, { device }: Facts): Next {
  const code = state.line.text.normalize('NFKC').replace(/[\s-]/g, '')
  if (code === '') return unchanged(toConfirm({ ...state, verifiedBy: 'totp' }, true))
  if (/^\d{6}$/.test(code)) return withEffect({ ...state, notice: null }, { do: 'totp', user: device.user, code })
  return unchanged(notify(state, 'no', 'a code has six digits', 'ask for the six digits that the app shows now'))
}

function proveByPin(state: CallState, { device }: Facts): Next {
  const { text } = state.line
  if (text.trim() === '') return unchanged(toConfirm({ ...state, verifiedBy: 'pin' }, true))
  const pin = parsePin(text)
  if (pin !== null)
    return withEffect({ ...state, notice: null }, { do: 'pin', user: device.user, device: device.deviceId, pin })
  return unchanged(notify(state, 'no', 'a PIN is ten digits', 'ask the caller to read it again, five at a time'))
}

function giveReason(state: CallState): Next {
  const given = tryText(() => checkName(state.line.text, 'the reason'))
  if ('refusal' in given) return unchanged(notify(state, 'no', given.refusal.message, given.refusal.hint ?? null))
  return unchanged(toConfirm({ ...state, reason: given.text }, state.isLookedUp))
}
