/** Turns an answer or a refusal of the desk into the next state of the call: its next step and its notice. */
import type { Refusal } from '../../errors.ts'
import { OUTCOME_WORDS } from '../reset/outcome.ts'
import type { Answer } from './effect.ts'
import { commandOf } from './single-commands.ts'
import {
  type CallState,
  type Finished,
  type Next,
  type Notice,
  notify,
  type Step,
  toStep,
  unchanged,
  withEffect,
} from './state.ts'
import { takeFound } from './steps/find.ts'
import { toConfirm } from './steps/proving.ts'
import { startSearch } from './steps/search.ts'

export function takeAnswer(before: CallState, answer: Answer): Next {
  if (answer.to === 'search') return takeFound(before, answer.search)
  if (answer.to === 'load') return takeDevices(before, answer.devices)
  const state = { ...withCommand(before, null), busy: null }
  if (answer.to === 'look') return unchanged(toStep({ ...state, facts: answer.facts }, 'glance'))
  if (answer.to === 'tell') return unchanged(state)
  if (answer.to === 'check') return unchanged(toStep({ ...state, checked: answer.answer }, 'words'))
  if (answer.to === 'totp')
    return unchanged(notify(toConfirm({ ...state, verifiedBy: 'totp' }), 'ok', 'the code of their app was right'))
  if (answer.to === 'pin') return takePin(state, answer.delivered)
  if (answer.to === 'confirm') return unchanged(showCode(state, answer))
  return finish(state, answer.seq)
}

function takeDevices(state: CallState, devices: CallState['devices']): Next {
  const search = startSearch(state.line.text, [], state.search.isGiven)
  return withEffect({ ...state, devices, search }, { do: 'search' })
}

function takePin(state: CallState, delivered: 'read-out' | 'mail'): Next {
  if (delivered === 'mail')
    return unchanged(notify(toConfirm({ ...state, verifiedBy: 'pin' }), 'ok', 'the PIN was right'))
  return unchanged(
    notify(
      toStep(state, 'verify'),
      'no',
      'the PIN was right, but it was read out on a call: it proves nothing',
      'take another way',
    ),
  )
}

function showCode(state: CallState, { answer, seq }: Extract<Answer, { to: 'confirm' }>): CallState {
  const shown: CallState = { ...toStep(state, 'answer'), confirmed: { answer, seq } }
  if (answer.warnUnverified) return notify(shown, 'note', 'the caller was not verified, and the record says so')
  return answer.standing === 'repeat' ? notify(shown, 'note', 'shown again: it was confirmed already') : shown
}

function finish(state: CallState, seq: number): Next {
  const { result, ran, finished } = state
  const message = result === null ? '' : `on record: ${OUTCOME_WORDS[result]}, entry ${seq}`
  const next = notify({ ...toStep(state, 'done'), finished: [...finished, describeCall(state, seq)] }, 'ok', message)
  return withEffect(next, { do: 'tell', ran })
}

/** The result of a call, up to the step that it reached. */
export function describeCall(
  { facts, verifiedBy, confirmed, result, ticket }: CallState,
  auditSeq: number | null,
): Finished {
  const { deviceId, tag, user } = (facts as NonNullable<CallState['facts']>).device
  const confirmSeq = confirmed?.seq ?? null
  return {
    deviceId,
    tag,
    user,
    verifiedBy: confirmed === null ? null : verifiedBy,
    confirmSeq,
    result,
    ticket,
    auditSeq,
  }
}

/** Adds the single command of the effect that ended to `ran`. The commands are shown at the end of the call. */
function withCommand(state: CallState, refused: string | null): CallState {
  const words = state.busy === null ? null : commandOf(state.busy, state)
  return words === null ? state : { ...state, ran: [...state.ran, { words, refused }] }
}

/** The next step after each refusal. A reason that is not listed leaves the call at its step. */
const ON_AFTER: Readonly<Record<string, Step>> = {
  'caller-unverified': 'verify',
  'totp-not-verified': 'verify',
  'totp-not-enrolled': 'verify',
  'totp-pending': 'verify',
  'totp-closed': 'verify',
  'pin-not-proven': 'verify',
  'old-epoch': 'code',
  'not-genuine': 'code',
  misheard: 'code',
  'other-device': 'code',
  'unknown-tag': 'code',
  blocked: 'outcome',
  retired: 'outcome',
}

export function takeRefusal(before: CallState, refusal: Refusal): Next {
  const { busy } = before
  const state = { ...withCommand(before, refusal.reason), busy: null }
  const notice: Notice = { tone: 'no', message: refusal.message, hint: refusal.hint ?? null }
  // `repeatSeconds` has passed, so only an admin may repeat the confirmation, and must give a reason.
  const repeated = refusal.reason === 'confirmed-already' && busy?.do === 'confirm'
  const step = repeated ? (state.facts?.role === 'admin' ? 'reason' : 'code') : ON_AFTER[refusal.reason]
  const ofCall = busy?.do === 'check' || busy?.do === 'confirm' || busy?.do === 'totp' || busy?.do === 'pin'
  if (step === undefined || !ofCall)
    return unchanged({
      ...state,
      line: busy?.do === 'totp' || busy?.do === 'pin' ? { text: '', cursor: 0 } : state.line,
      notice,
    })
  const next: CallState = { ...toStep(state, step), notice }
  return unchanged(step === 'code' ? { ...next, checked: null, heard: null, code: { ...next.code, cursor: 0 } } : next)
}
