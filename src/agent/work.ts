/**
 * Work that the agent does itself.
 * - The agent is warm and its keys stay in it; the command loads little more than a socket.
 * - The work may be done although no reply came: the agent may be killed after the commit. The command then fails and
 *   says so. It must never do the work again in another way.
 */
import { KeydeskError, type Refusal } from '../errors.ts'
import { isFields, isText } from '../guards.ts'
import { VERSION } from '../version.ts'
import type { Places } from '../workstation/places.ts'
import { exchange, isWhich, type Which } from './socket.ts'

/** One operation by its name, and its request as plain data. */
export type Work = { readonly name: string; readonly request: unknown }
/** The answer as plain data, or the refusal. Both are as final as if the command's own process had decided. */
export type Outcome = { readonly answer: unknown } | { readonly refusal: Refusal }

export type WorkRequest = Which & { readonly op: 'perform'; readonly version: string; readonly work: Work }
/** Null if the agent does not hold such keys, or is of another version: it has then done nothing. */
export type WorkReply = { readonly outcome: Outcome | null }

/** Longer than a store may be busy, with time for earlier work of other commands. */
const DONE_WITHIN_MS = 30_000

/** Null if no agent holds the keys. Throws `busy` if the agent took the work and did not answer. */
export async function performByAgent(
  places: Places,
  which: Which,
  work: Work,
  withinMs: number = DONE_WITHIN_MS,
): Promise<Outcome | null> {
  const request: WorkRequest = { op: 'perform', version: VERSION, ...which, work }
  const heard = await exchange(places, request, isWorkReply, withinMs)
  if (heard === 'unheard') return null
  if (heard !== 'silent') return heard.reply.outcome
  throw new KeydeskError(
    'busy',
    'agent-silent',
    'the agent took the request and did not answer; it may have been done',
    'repeat the command, which is safe; if this stays so: keydesk lock, then keydesk unlock',
  )
}

export function isWorkRequest(value: unknown): value is WorkRequest {
  if (!isFields(value) || value['op'] !== 'perform' || !isWhich(value)) return false
  return isText(value['version']) && isFields(value['work']) && isText(value['work']['name'])
}

function isWorkReply(value: unknown): value is WorkReply {
  if (!isFields(value)) return false
  const { outcome } = value
  return outcome === null || (isFields(outcome) && ('answer' in outcome || isRefusal(outcome['refusal'])))
}

function isRefusal(value: unknown): boolean {
  return isFields(value) && ['kind', 'reason', 'message'].every((name) => isText(value[name]))
}
