/**
 * Finds the device that each line means: by our own id, else by the device management's id, else by user and name.
 * - The order of lines never matters. Ids claim their devices first, and names are compared with the rest.
 * - Lines that claim the same device are all refused.
 */
import { normalizeUser } from '../../crypto/pin.ts'
import type { Device } from '../records/index.ts'
import type { DeviceRow, LineFault } from './rows.ts'

/** The devices of the desk, indexed for an import. */
export type KnownDevices = {
  readonly byId: ReadonlyMap<string, Device>
  readonly byManagementId: (managementId: string) => readonly Device[]
  readonly byName: (key: string) => readonly Device[]
  readonly tags: ReadonlySet<number>
}

export type Match =
  | { readonly what: 'known'; readonly device: Device }
  | { readonly what: 'new' }
  /** The device is retired here. A list that still has it does not bring it back. */
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

/** The index is built on first use: if ids find everything, names need not be compared. */
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

/** Nearly every key has one device. Only the other keys get a list. */
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

/** Names are compared as users are: trimmed, in NFC and lower case. */
const nameKey = (owner: string, name: string): string => `${owner}\n${normalizeUser(name)}`

/** The name that this line gives to a new device. */
export const nameOf = ({ name, model, platform }: DeviceRow): string => name ?? model ?? platform ?? 'device'

/** Returns one match for each row, in the order of the rows. */
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

/** Returns null if the desk knows no id of the line. The line may then mean a device by its name. */
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
  // A device with another id of the device management is another device, whatever its name is.
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

/** Two lines for one device, or with one id, cannot both be right, so both are refused. */
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

/** Maps a line that claims the same as another line to that other line. Both are indices of `rows`. */
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
