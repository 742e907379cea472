/**
 * Which device a line means. By our own id; else by the device management's id; else by user and name together. The order of lines never
 * matters: ids claim their devices first, names look among the rest, and lines that claim the same one are all refused.
 */
import { normalizeUser } from '../../crypto/pin.ts'
import type { Device } from '../records/index.ts'
import type { DeviceRow, LineFault } from './rows.ts'

/** The devices that the desk has, as an import looks for them. */
export type KnownDevices = {
  readonly byId: ReadonlyMap<string, Device>
  readonly byManagementId: (managementId: string) => readonly Device[]
  readonly byName: (key: string) => readonly Device[]
  readonly tags: ReadonlySet<number>
}

export type Match =
  | { readonly what: 'known'; readonly device: Device }
  | { readonly what: 'new' }
  /** Retired here: it is not brought back by a list that still has it. */
  | { readonly what: 'retired'; readonly device: Device }
  | { readonly what: 'refused'; readonly fault: LineFault }

const NONE: readonly Device[] = []
const NEW: Match = { what: 'new' }

export function indexDevices(devices: readonly Device[]): KnownDevices {
  const byId = new Map<string, Device>()
  const tags = new Set<number>()
  const managed = createIndex()
  for (const device of devices) {
    byId.set(device.deviceId, device)
    tags.add(device.tag)
    if (device.managementId !== undefined) managed.add(device.managementId, device)
  }
  return { byId, tags, byManagementId: managed.find, byName: indexNames(devices) }
}

/** Made when it is first asked: where ids find everything, names need not be compared. */
function indexNames(devices: readonly Device[]) {
  let names: ReturnType<typeof createIndex> | undefined
  return (key: string): readonly Device[] => {
    if (names === undefined) {
      names = createIndex()
      for (const device of devices) names.add(nameKey(normalizeUser(device.user), device.name), device)
    }
    return names.find(key)
  }
}

/** Nearly every key has one device: only the others are given a list. */
function createIndex() {
  const first = new Map<string, Device>()
  const more = new Map<string, Device[]>()
  return {
    add(key: string, device: Device): void {
      const one = first.get(key)
      if (one === undefined) first.set(key, device)
      else more.set(key, [...(more.get(key) ?? [one]), device])
    },
    find(key: string): readonly Device[] {
      const one = first.get(key)
      return one === undefined ? NONE : (more.get(key) ?? [one])
    },
  }
}

/** Names are compared as users are: case and spelling aside. */
const nameKey = (owner: string, name: string): string => `${owner}\n${normalizeUser(name)}`

/** What a new device of this line would be called. */
export const nameOf = ({ name, model, platform }: DeviceRow): string => name ?? model ?? platform ?? 'device'

/** One match for each row, in their order. */
export function matchRows(rows: readonly DeviceRow[], known: KnownDevices): readonly Match[] {
  const byIds = rows.map((row) => matchIds(row, known))
  const claimed = new Set(byIds.map((match) => (match?.what === 'known' ? match.device.deviceId : undefined)))
  const matches = rows.map((row, i) => byIds[i] ?? matchName(row, known, claimed))
  return refuseShared(rows, matches)
}

const fault = (row: DeviceRow, reason: string, message: string): Match => ({
  what: 'refused',
  fault: { line: row.line, column: null, reason, message },
})

/** Null where the line has no id that the desk knows, and may mean a device by its name. */
function matchIds(row: DeviceRow, known: KnownDevices): Match | null {
  const { deviceId, managementId } = row
  if (deviceId !== null) {
    const device = known.byId.get(deviceId)
    if (device !== undefined)
      return device.state === 'retired' ? { what: 'retired', device } : { what: 'known', device }
    return row.secret === null ? fault(row, 'unknown-device', 'no device of this desk has this id') : NEW
  }
  const devices = managementId === null ? NONE : known.byManagementId(managementId)
  const [device, ...others] = devices.filter(({ state }) => state !== 'retired')
  if (others.length > 0) return ambiguous(row, others.length + 1)
  if (device !== undefined) return { what: 'known', device }
  const retired = devices.find(({ user }) => normalizeUser(user) === row.owner)
  return retired === undefined ? null : { what: 'retired', device: retired }
}

function matchName(row: DeviceRow, known: KnownDevices, claimed: ReadonlySet<string | undefined>): Match {
  if (known.byId.size === 0) return NEW
  const { managementId, owner } = row
  const named = known.byName(nameKey(owner, nameOf(row)))
  if (named.length === 0) return NEW
  const open = named.filter(({ state, deviceId }) => state !== 'retired' && !claimed.has(deviceId))
  // A device that has another id of the device management is another device, whatever it is called.
  const unnamed = open.filter((device) => device.managementId === undefined)
  const candidates = managementId !== null || unnamed.length === 1 ? unnamed : open
  const [device, ...others] = candidates
  if (others.length > 0) return ambiguous(row, others.length + 1)
  if (device !== undefined) return { what: 'known', device }
  const retired = managementId === null ? named.find(({ state }) => state === 'retired') : undefined
  return retired === undefined ? NEW : { what: 'retired', device: retired }
}

const ambiguous = (row: DeviceRow, count: number): Match =>
  fault(row, 'ambiguous-device', `${count} devices of this user are called so, and the file does not say which`)

/** Two lines for one device, or with one id, cannot both be right: none of them is taken. */
function refuseShared(rows: readonly DeviceRow[], matches: readonly Match[]): readonly Match[] {
  const shared = findShared(rows, matches)
  if (shared.size === 0) return matches
  return matches.map((match, i) => {
    const other = shared.get(i)
    if (other === undefined) return match
    const { line } = rows[other] as DeviceRow
    return fault(rows[i] as DeviceRow, 'same-device', `it is the same device as on line ${line}`)
  })
}

/** For each line that claims what another one does: which other. */
function findShared(rows: readonly DeviceRow[], matches: readonly Match[]): Map<number, number> {
  const shared = new Map<number, number>()
  const [ids, management, names] = [0, 0, 0].map(() => new Map<string, number>()) as [Claims, Claims, Claims]
  const claim = (claims: Claims, key: string, i: number) => {
    const other = claims.get(key)
    if (other === undefined) claims.set(key, i)
    else if (shared.set(i, other) && !shared.has(other)) shared.set(other, i)
  }
  matches.forEach((match, i) => {
    if (match.what === 'refused') return
    const row = rows[i] as DeviceRow
    const id = match.what === 'new' ? row.deviceId : match.device.deviceId
    if (id !== null) claim(ids, id, i)
    if (row.managementId !== null) claim(management, row.managementId, i)
    else if (id === null) claim(names, nameKey(row.owner, nameOf(row)), i)
  })
  return shared
}
type Claims = Map<string, number>
