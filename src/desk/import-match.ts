/**
 * Which device a line means. By our own id; else by the device management's id; else by user and name together. The order of lines never
 * matters: ids claim their devices first, names look among the rest, and lines that claim the same one are all refused.
 */
import { normalizeUser } from '../crypto/pin.ts'
import type { DeviceRow, LineFault } from './import-rows.ts'
import type { Device } from './records.ts'

/** The devices that the desk has, as an import looks for them. */
export type KnownDevices = {
  readonly byId: ReadonlyMap<string, Device>
  readonly byManagementId: ReadonlyMap<string, readonly Device[]>
  readonly byName: ReadonlyMap<string, readonly Device[]>
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

export function indexDevices(devices: Iterable<Device>): KnownDevices {
  const known = { byId: new Map(), byManagementId: new Map(), byName: new Map(), tags: new Set<number>() }
  for (const device of devices) {
    known.byId.set(device.deviceId, device)
    known.tags.add(device.tag)
    if (device.managementId !== undefined) add(known.byManagementId, device.managementId, device)
    add(known.byName, nameKey(normalizeUser(device.user), device.name), device)
  }
  return known
}

function add(map: Map<string, Device[]>, key: string, device: Device): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [device])
  else list.push(device)
}

/** Names are compared as users are: case and spelling aside. */
const nameKey = (owner: string, name: string): string => `${owner}\n${normalizeUser(name)}`

/** What a new device of this line would be called. */
export const nameOf = ({ name, model, platform }: DeviceRow): string => name ?? model ?? platform ?? 'device'

/** One match for each row, in their order. */
export function matchRows(rows: readonly DeviceRow[], known: KnownDevices): Match[] {
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
    if (device !== undefined) return device.state === 'retired' ? { what: 'retired', device } : { what: 'known', device }
    return row.secret === null ? fault(row, 'unknown-device', 'no device of this desk has this id') : NEW
  }
  const devices = managementId === null ? NONE : (known.byManagementId.get(managementId) ?? NONE)
  const [device, ...others] = devices.filter(({ state }) => state !== 'retired')
  if (others.length > 0) return ambiguous(row, others.length + 1)
  if (device !== undefined) return { what: 'known', device }
  const retired = devices.find(({ user }) => normalizeUser(user) === row.owner)
  return retired === undefined ? null : { what: 'retired', device: retired }
}

function matchName(row: DeviceRow, known: KnownDevices, claimed: ReadonlySet<string | undefined>): Match {
  const { managementId, owner } = row
  const named = known.byName.get(nameKey(owner, nameOf(row)))
  if (named === undefined) return NEW
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
function refuseShared(rows: readonly DeviceRow[], matches: readonly Match[]): Match[] {
  const first = new Map<string, number>()
  const shared = new Map<number, number>()
  matches.forEach((match, i) => {
    for (const key of claimsOf(rows[i] as DeviceRow, match)) {
      const other = first.get(key)
      if (other === undefined) first.set(key, i)
      else if (shared.set(i, other) && !shared.has(other)) shared.set(other, i)
    }
  })
  return matches.map((match, i) => {
    const other = shared.get(i)
    if (other === undefined) return match
    const { line } = rows[other] as DeviceRow
    return fault(rows[i] as DeviceRow, 'same-device', `it is the same device as on line ${line}`)
  })
}

/** What only one line may be. */
function claimsOf(row: DeviceRow, match: Match): string[] {
  if (match.what !== 'known' && match.what !== 'new') return []
  const { deviceId, managementId } = row
  const claims = managementId === null ? [] : [`management\t${managementId}`]
  if (match.what === 'known') claims.push(match.device.deviceId)
  else if (deviceId !== null) claims.push(deviceId)
  else if (managementId === null) claims.push(nameKey(row.owner, nameOf(row)))
  return claims
}
