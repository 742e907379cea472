/**
 * The keys of steps 6 and 7: confirming, reading out the code, recording the outcome, and starting the next call. Only
 * Enter in step `confirm` asks for the confirmation.
 */
import { readTicket } from '../../../console/ticket.ts'
import { CALL_OUTCOMES } from '../../../desk/reset/outcome.ts'
import type { Key } from '../../../term/keys.ts'
import { editLine, lineOf } from '../../../term/line.ts'
import { type CallState, type Next, nextCall, notify, toStep, unchanged, withEffect } from '../state.ts'
import { tryText } from './text.ts'

const GROUPS = 3

export function pressInEnding(state: CallState, key: Key): Next {
  if (state.step === 'confirm' || state.step === 'ticket') return pressInTicket(state, key)
  if (state.step === 'answer') return pressInAnswer(state, key)
  return state.step === 'outcome' ? pressInOutcome(state, key) : pressInDone(state, key)
}

/** The ticket is asked for at the confirmation, and again at the outcome if none was given. */
function pressInTicket(state: CallState, key: Key): Next {
  if (key.name !== 'enter') {
    const edited = editLine(state.line, key)
    return unchanged(edited === null ? state : { ...state, line: edited, notice: null })
  }
  const { text } = state.line
  const { ticketPattern } = state.settings
  const given = text.trim() === '' ? { text: null } : tryText(() => readTicket(text, ticketPattern))
  if ('refusal' in given) return unchanged(notify(state, 'no', given.refusal.message, given.refusal.hint ?? null))
  const next: CallState = { ...state, ticket: given.text, notice: null }
  return state.step === 'confirm' ? confirm(next) : mark(next)
}

function confirm(state: CallState): Next {
  const { heard, facts, verifiedBy, ticket, reason } = state
  if (heard === null || facts === null) return unchanged(state)
  const device = facts.device.deviceId
  return withEffect(state, { do: 'confirm', request: { heard, device, verifiedBy, ticket, reason, totp: null } })
}

/** Only a typed character counts as a choice. Pasted text is ignored. */
const letterOf = ({ name, text }: Key): string => (name === 'text' ? text : '')

function pressInAnswer(state: CallState, key: Key): Next {
  const { group } = state
  const { name } = key
  const text = letterOf(key)
  if (name === 'enter' || text === 'o') return unchanged(toStep(state, 'outcome'))
  if (text === ' ' || name === 'right')
    return unchanged({ ...state, group: group === null ? 0 : (group + 1) % GROUPS, notice: null })
  if (name === 'left') return unchanged({ ...state, group: ((group ?? 0) + GROUPS - 1) % GROUPS, notice: null })
  if (text === 'a') return unchanged({ ...state, group: null, notice: null })
  const wanted = ['1', '2', '3'].indexOf(text)
  return unchanged(wanted === -1 ? state : { ...state, group: wanted, notice: null })
}

function pressInOutcome(state: CallState, key: Key): Next {
  const text = letterOf(key)
  const result = CALL_OUTCOMES[Number(text) - 1]
  if (text === '' || result === undefined) return unchanged(state)
  const next = { ...state, result }
  return state.ticket === null ? unchanged(toStep(next, 'ticket', lineOf(''))) : mark(next)
}

function mark(state: CallState): Next {
  const { result, ticket, facts } = state
  if (result === null || facts === null) return unchanged(state)
  return withEffect(state, { do: 'outcome', device: facts.device.deviceId, result, ticket })
}

function pressInDone(state: CallState, key: Key): Next {
  const text = letterOf(key)
  if (text === 'q') return withEffect(state, { do: 'leave', cancelled: false })
  // Reads the devices again, because another operator may have invited one meanwhile.
  return text === 'n' || key.name === 'enter' ? withEffect(nextCall(state), { do: 'load' }) : unchanged(state)
}
