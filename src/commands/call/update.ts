/** What a key makes of a call. Each step has its own keys; a few are the same in all. Nothing happens here but the next state. */
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

/** What is committed is waited for, so that it is said on leaving. */
const COMMITS: readonly Effect['do'][] = ['check', 'totp', 'pin', 'confirm', 'outcome']
/** Typing goes on meanwhile. */
const BACKGROUND: readonly Effect['do'][] = ['load', 'search']

function pressKey(state: CallState, key: Key): Next {
  const { busy, leaving } = state
  if (key.name === 'ctrl-c' || key.name === 'ctrl-d') {
    if (busy !== null && COMMITS.includes(busy.do) && !leaving) return unchanged({ ...state, leaving: true })
    return leave(state, true)
  }
  // A key that was meant for what stood there before does nothing to what comes.
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

/** What is under way stays in the state: that it may be on record is said on leaving. */
const leave = (state: CallState, cancelled: boolean): Next => ({ state, effect: { do: 'leave', cancelled } })

function leaveIfAsked(next: Next): Next {
  return next.state.leaving ? leave(next.state, true) : next
}

/** From a device that is known until its outcome is on record. */
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
  // Whatever the caller says, the code is out: what is left is how the call ends.
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
