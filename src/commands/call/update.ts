/**
 * The next state of a call for each event. Each step has its own keys, and a few keys work in every step. Pure: no I/O.
 */
import type { Key } from '../../term/keys.ts'
import { editLine } from '../../term/line.ts'
import { takeAnswer, takeRefusal } from './answers.ts'
import type { CallEvent, Effect } from './effect.ts'
import { type CallState, type Next, notify, type Step, toStep, unchanged } from './state.ts'
import { pressInEnding } from './steps/ending.ts'
import { pressInFind } from './steps/find.ts'
import { pressInCode, pressInGlance, pressInWords } from './steps/hearing.ts'
import { pressInProof, pressInVerify } from './steps/proving.ts'

export function updateCall(state: CallState, event: CallEvent): Next {
  if (event.kind === 'answer') return leaveIfAsked(takeAnswer(state, event.answer))
  if (event.kind === 'refused') return leaveIfAsked(takeRefusal(state, event.refusal))
  return pressKey(state, event.key)
}

/** Effects that commit. Ctrl-C waits for them, so that their result is printed on leaving. */
const COMMITS: readonly Effect['do'][] = ['check', 'totp', 'pin', 'confirm', 'outcome']
/** Effects that run while the operator types on. */
const BACKGROUND: readonly Effect['do'][] = ['load', 'search']

function pressKey(state: CallState, key: Key): Next {
  const { busy, leaving } = state
  if (key.name === 'ctrl-c' || key.name === 'ctrl-d') {
    if (busy !== null && COMMITS.includes(busy.do) && !leaving) return unchanged({ ...state, leaving: true })
    return leave(state, true)
  }
  // Keys are ignored while an effect runs: they were meant for the previous screen.
  if (busy !== null && !BACKGROUND.includes(busy.do)) return unchanged(state)
  if (key.name === 'ctrl-e' && mayEnd(state)) return unchanged(toStep(state, 'outcome'))
  if (key.name === 'escape') return goBack(state)
  return PRESS[state.step](state, key)
}

type Press = (state: CallState, key: Key) => Next

const PRESS: Readonly<Record<Step, Press>> = {
  find: pressInFind,
  glance: pressInGlance,
  code: pressInCode,
  words: pressInWords,
  verify: pressInVerify,
  totp: pressInProof,
  pin: pressInProof,
  reason: pressInProof,
  confirm: pressInEnding,
  answer: pressInEnding,
  outcome: pressInEnding,
  ticket: pressInEnding,
  done: pressInEnding,
}

/** `busy` stays in the state, so that leaving prints that the running step may have been committed. */
const leave = (state: CallState, cancelled: boolean): Next => ({ state, effect: { do: 'leave', cancelled } })

function leaveIfAsked(next: Next): Next {
  return next.state.leaving ? leave(next.state, true) : next
}

/** True from the choice of a device until the step of its outcome. */
const mayEnd = ({ step, facts }: CallState): boolean =>
  facts !== null && !['find', 'outcome', 'ticket', 'done'].includes(step)

const BEFORE: Readonly<Partial<Record<Step, Step>>> = {
  glance: 'find',
  code: 'glance',
  words: 'code',
  verify: 'words',
  totp: 'verify',
  pin: 'verify',
  reason: 'verify',
  confirm: 'verify',
  ticket: 'outcome',
}

function goBack(state: CallState): Next {
  const { step, confirmed, checked } = state
  if (step === 'find') return pressInFind(state, { name: 'escape', text: '' })
  // The caller has the code and it cannot be taken back, so only the outcome is left.
  if (step === 'answer') return unchanged(notify(state, 'note', 'the code is out: say how the call ended'))
  if (step === 'outcome')
    return unchanged(toStep(state, confirmed !== null ? 'answer' : checked !== null ? 'words' : 'code'))
  const before = BEFORE[step]
  if (before === undefined) return unchanged(state)
  return unchanged({
    ...toStep(state, before),
    ...(before === 'find' && { facts: null, line: editLine(state.line, { name: 'ctrl-u', text: '' }) ?? state.line }),
  })
}
