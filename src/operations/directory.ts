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
  const begins = (text: string) => foldText(text).startsWith(prefix)
  const plain = (name: string): FoundName => ({ name, tag: null, about: '' })
  if (kind === 'device') {
    for await (const { name, user, tag, state } of records.devices()) {
      if (state === 'retired') continue
      const spoken = formatTag(tag)
      if (begins(name)) yield { name, tag: spoken, about: `${spoken} of ${user}` }
      else if (begins(spoken)) yield { name: spoken, tag: spoken, about: `${name} of ${user}` }
    }
  } else if (kind === 'user') {
    for await (const { name } of records.users()) if (begins(name)) yield plain(name)
  } else
    yield* presentMembers(records.roster)
      .map(({ name }) => name)
      .filter(begins)
      .map(plain)
}

function isNamesRequest(request: unknown): request is NamesRequest {
  if (!isFields(request)) return false
  const { kind, prefix, limit } = request
  if (!KINDS.some((each) => each === kind) || !isText(prefix) || prefix.length > LONGEST_PREFIX) return false
  return Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= MOST
}
