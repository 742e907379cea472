/**
 * Work that the agent does itself. It is warm, and its keys stay where they are; the command that asks loads little more than a socket.
 * What was asked for may have been done though no reply came (the agent was killed after the commit), so that is an error
 * which says so, and never a reason to do it a second time in another way.
 */
import { KeydeskError, type Refusal } from '../errors.ts'
import { isFields, isText } from '../guards.ts'
import { VERSION } from '../version.ts'
import type { Places } from '../workstation/places.ts'
import { exchange, isWhich, type Which } from './socket.ts'

/** One operation by its name, and its request as plain data. */
export type Work = { readonly name: string; readonly request: unknown }
/** The answer as plain data, or the refusal: as final as if it had been decided here. */
export type Outcome = { readonly answer: unknown } | { readonly refusal: Refusal }

export type WorkRequest = Which & { readonly op: 'perform'; readonly version: string; readonly work: Work }
/** null: the agent holds no such keys, or is of another version, and has done nothing. */
export type WorkReply = { readonly outcome: Outcome | null }

/** Longer than a store may be busy, and some work of others before. */
const DONE_WITHIN_MS = 30_000

/** null where no agent holds the keys. Throws `busy` when it took the work and did not answer. */
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
