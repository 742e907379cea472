/** A call on a whole screen. It waits for keys and answers together, so that neither delays the other. */
import type { DeskGlobals } from '../../console/globals.ts'
import { paintFor } from '../../console/paint.ts'
import type { Context } from '../../context.ts'
import { KeydeskError } from '../../errors.ts'
import type { Paint } from '../../term/colour.ts'
import type { Screen, ScreenEvent } from '../../term/screen.ts'
import { type CallDesk, openCallDesk, settle } from './desk.ts'
import type { CallEvent, Effect } from './effect.ts'
import { tellLeft, tellRan } from './leaving.ts'
import { drawCall } from './screen/frame.ts'
import { type CallState, withEffect } from './state.ts'
import { updateCall } from './update.ts'

type Happened = ScreenEvent | CallEvent
/** The parts that stay the same during a call. */
type Place = {
  readonly context: Context
  readonly globals: DeskGlobals
  readonly desk: CallDesk
  readonly screen: Screen
  readonly brush: Paint
}

/** Resolves to the last state of the call. Throws `cancelled` for Ctrl-C, after the terminal is restored. */
export async function runOnScreen(context: Context, globals: DeskGlobals, first: CallState): Promise<CallState> {
  let screen: Screen | null = null
  const desk = openCallDesk({ ...context, prompt: promptAside(context, () => screen) }, globals)
  await desk.open()
  const brush = await paintFor(context, globals, 'stderr')
  screen = await context.prompt.openScreen()
  try {
    return await converse({ context, globals, desk, screen, brush }, first)
  } finally {
    screen.close()
  }
}

async function converse(place: Place, first: CallState): Promise<CallState> {
  const { screen, brush } = place
  let { state, effect } = withEffect(first, { do: 'load' })
  let pressed: Promise<ScreenEvent> = screen.read()
  let answered: Promise<CallEvent> | null = null
  for (;;) {
    if (effect?.do === 'leave') return leave(place, state, effect.cancelled)
    if (effect !== null) answered = perform(place, effect, state)
    screen.draw(drawCall(state, { ...screen.size(), plain: false, brush }))
    const happened: Happened = await Promise.race(answered === null ? [pressed] : [pressed, answered])
    if (happened.kind === 'answer' || happened.kind === 'refused') answered = null
    else pressed = screen.read()
    if (happened.kind === 'end') return leaveBySignal(place, state, happened.signal)
    ;({ state, effect } = happened.kind === 'resize' ? { state, effect: null } : updateCall(state, happened))
  }
}

async function perform(place: Place, effect: Exclude<Effect, { do: 'leave' }>, state: CallState): Promise<CallEvent> {
  const { context, globals, desk, screen } = place
  if (effect.do !== 'tell') return settle(desk, effect, state)
  await screen.aside(async () => tellRan(context, globals, state, effect.ran))
  return { kind: 'answer', answer: { to: 'tell' } }
}

function leave({ context, globals, screen }: Place, state: CallState, cancelled: boolean): CallState {
  screen.close()
  tellLeft(context, globals, state)
  if (cancelled) throw new KeydeskError('cancelled', 'cancelled', 'cancelled')
  return state
}

/**
 * The terminal may be gone, so an error while printing to it is ignored. The audit log holds everything that was
 * committed.
 */
function leaveBySignal(place: Place, state: CallState, signal: NodeJS.Signals | null): CallState {
  try {
    leave(place, state, false)
  } catch {}
  if (signal !== null) place.screen.dieOf(signal)
  throw new KeydeskError('cancelled', 'cancelled', 'cancelled')
}

/** Asks other questions on the normal screen, for example the passphrase when the agent was locked during the call. */
function promptAside({ prompt }: Context, screen: () => Screen | null): Context['prompt'] {
  const aside = <T>(question: () => Promise<T>): Promise<T> => screen()?.aside(question) ?? question()
  return {
    ...prompt,
    available: prompt.available,
    secret: (message) => aside(() => prompt.secret(message)),
    text: (message) => aside(() => prompt.text(message)),
    confirm: (message) => aside(() => prompt.confirm(message)),
  }
}
