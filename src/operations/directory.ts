/** Names that begin as what somebody has typed so far. What is found stays inside of what every operator may list, auditors too. */
import { foldText } from '../desk/device-search.ts'
import { formatTag } from '../desk/reset.ts'
import { presentMembers } from '../desk/roster.ts'
import { isFields, isText } from '../shape.ts'
import type { Desk } from '../store/desk.ts'
import type { Records } from '../store/records.ts'
import type { Operation } from './operation.ts'

const KINDS = ['device', 'user', 'operator'] as const
const MOST = 1_000
const LONGEST_PREFIX = 200

export type NamesRequest = { readonly kind: (typeof KINDS)[number]; readonly prefix: string; readonly limit: number }
/** `tag` only of a device. */
export type FoundName = { readonly name: string; readonly tag: string | null; readonly about: string }
export type NamesAnswer = { readonly names: readonly FoundName[] }

export const completeNames: Operation<NamesRequest, NamesAnswer> = {
  accepts: isNamesRequest,
  perform: async (desk, request) => ({ names: await findNames(desk, request) }),
}

/** The first so many names of that kind that begin with `prefix`, letters alike, or devices whose tag does. */
async function findNames(desk: Desk, { kind, prefix, limit }: NamesRequest): Promise<FoundName[]> {
  return desk.read(async (records) => {
    const found: FoundName[] = []
    for await (const name of listNames(records, kind, foldText(prefix))) if (found.push(name) >= limit) break
    return found
  })
}

async function* listNames(records: Records, kind: NamesRequest['kind'], prefix: string): AsyncIterable<FoundName> {
  if (kind === 'device') return yield* listDevices(records, prefix)
  const named = kind === 'user' ? records.users() : presentMembers(records.roster)
  for await (const { name } of named) if (begins(name, prefix)) yield { name, tag: null, about: '' }
}

/** A device that was ended for good is looked for by nobody. */
async function* listDevices(records: Records, prefix: string): AsyncIterable<FoundName> {
  for await (const { name, user, tag: number, state } of records.devices()) {
    const tag = formatTag(number)
    if (state === 'retired') continue
    if (begins(name, prefix)) yield { name, tag, about: `${tag} of ${user}` }
    else if (begins(tag, prefix)) yield { name: tag, tag, about: `${name} of ${user}` }
  }
}

const begins = (text: string, folded: string): boolean => foldText(text).startsWith(folded)

function isNamesRequest(request: unknown): request is NamesRequest {
  if (!isFields(request)) return false
  const { kind, prefix, limit } = request
  if (!KINDS.some((each) => each === kind) || !isText(prefix) || prefix.length > LONGEST_PREFIX) return false
  return Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= MOST
}
