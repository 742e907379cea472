/**
 * Names for a TAB, from the agent: whoever has not unlocked gets none, and neither does who would have to wait. An agent that holds the keys of
 * one store only is asked for that one, so that the workstation's config need not be opened to know which is meant.
 */
import { resolve } from 'node:path'
import { exchange } from '../agent/socket.ts'
import { performByAgent } from '../agent/work.ts'
import { isFields, isText } from '../guards.ts'
import type { Places } from '../workstation/places.ts'
import type { FindNames, Meant, Named } from './complete.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A TAB that takes longer is better without names. */
const WITHIN_MS = 1_000
const LIMIT = 100

export function namesOfAgent(places: () => Places, env: Environment): FindNames {
  return async (kind, prefix, meant) => {
    try {
      const request = { kind, prefix, limit: LIMIT }
      return await ask(places(), meantBy(meant, env), { name: 'directory.complete', request })
    } catch {
      // There is nobody to tell: a TAB that finds nothing is silent.
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

/** What of a status is looked at; the whole of it would bring the keys' cryptography along. */
function isStatus(reply: unknown): reply is { held: { store: string }[] } {
  if (!isFields(reply) || !Array.isArray(reply['held'])) return false
  return reply['held'].every((each: unknown) => isFields(each) && isText(each['store']))
}
