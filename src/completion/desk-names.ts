/**
 * Gets names for TAB from the agent.
 * - An operator who has not unlocked gets no names. A TAB that would have to wait gets none either.
 * - If the default store gives no answer and the agent holds keys of exactly one store, that store is asked. So we need
 *   not open the workstation's config to find the store.
 */
import { resolve } from 'node:path'
import { exchange } from '../agent/socket.ts'
import { performByAgent } from '../agent/work.ts'
import { isFields, isText } from '../guards.ts'
import type { Places } from '../workstation/places.ts'
import type { FindNames, Meant, Named } from './complete.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A TAB that would take longer gets no names. */
const WITHIN_MS = 1_000
const LIMIT = 100

export function namesOfAgent(places: () => Places, env: Environment): FindNames {
  return async (kind, prefix, meant) => {
    try {
      const request = { kind, prefix, limit: LIMIT }
      return await ask(places(), meantBy(meant, env), { name: 'directory.complete', request })
    } catch {
      // A TAB cannot show an error: on a failure it finds nothing and is silent.
      return []
    }
  }
}

const meantBy = ({ store, operator }: Meant, env: Environment) => ({
  store: (store ?? env['KEYDESK_STORE']) || undefined,
  operator: (operator ?? env['KEYDESK_OPERATOR']) || undefined,
})

type Wanted = ReturnType<typeof meantBy>

async function ask(places: Places, { store, operator }: Wanted, work: { name: string; request: unknown }) {
  const here = { store: store === undefined ? places.store : resolve(store), operator }
  const outcome =
    (await performByAgent(places, here, work, WITHIN_MS)) ?? (store === undefined ? await askOnly() : null)
  return outcome !== null && 'answer' in outcome ? (outcome.answer as { names: Named[] }).names : []

  async function askOnly() {
    const heard = await exchange(places, { op: 'status', operator }, isStatus, WITHIN_MS)
    const held = typeof heard === 'string' ? [] : heard.reply.held
    const [only, ...others] = new Set(held.map((each) => each.store))
    return only === undefined || others.length > 0
      ? null
      : performByAgent(places, { store: only, operator }, work, WITHIN_MS)
  }
}

/** Checks only the fields that are used here. The full check would load the cryptography of the keys. */
function isStatus(reply: unknown): reply is { held: { store: string }[] } {
  if (!isFields(reply) || !Array.isArray(reply['held'])) return false
  return reply['held'].every((each: unknown) => isFields(each) && isText(each['store']))
}
