/**
 * Asks the agent for `doctor`: whether it answers, whose keys it holds, and the health of the store. Nothing here
 * throws.
 */
import { inspectAgent } from '../../agent/client.ts'
import { exchange } from '../../agent/socket.ts'
import { performByAgent } from '../../agent/work.ts'
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import type { Refusal } from '../../errors.ts'
import { describeError, quoteWord } from '../../errors.ts'
import type { HealthAnswer } from '../../operations/health.ts'

type HeldFact = { readonly store: string; readonly operator: string; readonly expiresAt: number }
export type AgentFacts =
  | { readonly state: 'none' }
  | { readonly state: 'other-version' }
  | { readonly state: 'silent'; readonly mend: string }
  | { readonly state: 'ready'; readonly held: readonly HeldFact[] }

const ANSWERS_WITHIN_MS = 2_000

type Attempt<T> = { readonly value: T | null; readonly refusal: Refusal | null }

/** The value or the refusal of `work`. Never rejects, because `doctor` reports a refusal as a finding. */
export async function attempt<T>(work: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work(), refusal: null }
  } catch (error) {
    return { value: null, refusal: describeError(error) }
  }
}

/** `other-version`: the agent holds keys for the store, but performs no operations for this version. */
export async function askHealth(
  context: Context,
  { operator }: DeskGlobals,
  store: string,
): Promise<HealthAnswer | 'other-version' | null> {
  const work = { name: 'store.health', request: {} }
  const asked = await attempt(() => performByAgent(context.places, { store, operator }, work))
  if (asked.refusal !== null) return null
  if (asked.value !== null) return 'answer' in asked.value ? (asked.value.answer as HealthAnswer) : null
  const held = await attempt(() => inspectAgent(context.places, { store, operator }))
  return (held.value?.length ?? 0) > 0 ? 'other-version' : null
}

export async function findAgent(
  { places }: Context,
  health: HealthAnswer | 'other-version' | null,
): Promise<AgentFacts> {
  if (health === 'other-version') return { state: 'other-version' }
  const isReply = (reply: unknown): reply is unknown => reply !== null
  const heard = await attempt(() => exchange(places, { op: 'status' }, isReply, ANSWERS_WITHIN_MS))
  if (heard.value === 'silent') return { state: 'silent', mend: `rm ${quoteWord(places.socket)}` }
  const held =
    heard.value === null || heard.value === 'unheard' ? null : (await attempt(() => inspectAgent(places, {}))).value
  return held === null ? { state: 'none' } : { state: 'ready', held }
}
