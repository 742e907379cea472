/** Finds names that begin with the typed text. It returns only data that every operator may list, auditors too. */
import { formatTag } from '../crypto/tag.ts'
import { foldText } from '../desk/device/search.ts'
import { presentMembers } from '../desk/records/roster.ts'
import { isFields, isText } from '../guards.ts'
import type { Desk } from '../store/desk.ts'
import type { HeldDevice, NameDirectory } from './name-directory.ts'
import type { Operation } from './operation.ts'

const KINDS = ['device', 'user', 'operator'] as const
const MOST = 1_000
const LONGEST_PREFIX = 200

export type NamesRequest = { readonly kind: (typeof KINDS)[number]; readonly prefix: string; readonly limit: number }
/** `tag` is null for a user or an operator. */
export type FoundName = { readonly name: string; readonly tag: string | null; readonly about: string }
export type NamesAnswer = { readonly names: readonly FoundName[] }

export const completeNames: Operation<NamesRequest, NamesAnswer> = {
  accepts: isNamesRequest,
  onlyLooks: true,
  perform: async (desk, request, directory) => ({ names: await findNames(desk, request, directory) }),
}

/** Returns at most `limit` names (or tags) that begin with `prefix`, ignoring case and accents. */
async function findNames(
  desk: Desk,
  { kind, prefix, limit }: NamesRequest,
  directory: NameDirectory,
): Promise<FoundName[]> {
  const wanted = foldText(prefix)
  if (kind === 'device') return matchDevices(await directory.devicesOfLate(desk), wanted, limit)
  const named =
    kind === 'user'
      ? await directory.usersOfLate(desk)
      : await desk.read(async ({ roster }) => [...presentMembers(roster)])
  const found = named.filter(({ name }) => begins(name, wanted)).slice(0, limit)
  return found.map(({ name }) => ({ name, tag: null, about: '' }))
}

/** Leaves out retired devices, because nobody looks for them. */
function matchDevices(devices: readonly HeldDevice[], prefix: string, limit: number): FoundName[] {
  const found: FoundName[] = []
  const mayBeTag = /^[0-9a-z]{0,5}$/.test(prefix)
  for (const { name, user, tag: number, state } of devices) {
    if (found.length === limit) break
    if (state === 'retired') continue
    const isNamed = begins(name, prefix)
    if (!isNamed && !mayBeTag) continue
    const tag = formatTag(number)
    if (isNamed) found.push({ name, tag, about: `${tag} of ${user}` })
    else if (begins(tag, prefix)) found.push({ name: tag, tag, about: `${name} of ${user}` })
  }
  return found
}

const begins = (text: string, folded: string): boolean => foldText(text).startsWith(folded)

function isNamesRequest(request: unknown): request is NamesRequest {
  if (!isFields(request)) return false
  const { kind, prefix, limit } = request
  if (!KINDS.some((each) => each === kind) || !isText(prefix) || prefix.length > LONGEST_PREFIX) return false
  return Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= MOST
}
