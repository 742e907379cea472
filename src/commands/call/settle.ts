/** An effect and its answer as events: a refusal is one too, for the call goes on with it. */
import { setImmediate as yieldToKeys } from 'node:timers/promises'
import { describeError } from '../../faults.ts'
import type { CallDesk, DeskEffect } from './desk.ts'
import type { CallEvent } from './effect.ts'
import type { CallState } from './state.ts'

/** Never rejects. */
export async function settle(desk: CallDesk, effect: DeskEffect, state: CallState): Promise<CallEvent> {
  try {
    // A slice of a search takes milliseconds and waits for nothing: keys that were pressed meanwhile come first.
    if (effect.do === 'search') await yieldToKeys()
    return { kind: 'answer', answer: await desk.perform(effect, state) }
  } catch (error) {
    return { kind: 'refused', refusal: describeError(error) }
  }
}
