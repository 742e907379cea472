/**
 * Plans an import line by line: which devices are new, which change and how, which lines are refused and why.
 * Planning draws no random bytes and writes nothing, so a dry run and the import use the same plan.
 */
import { encodeHex } from '../../crypto/bytes.ts'
import { normalizeUser } from '../../crypto/pin.ts'
import type { Device } from '../records/index.ts'
import { type KnownDevices, type Match, matchRows } from './match.ts'
import type { DeviceRow, LineFault } from './rows.ts'

/** The plan for one line. */
export type LinePlan =
  | { readonly what: 'add'; readonly row: DeviceRow }
  | { readonly what: 'change'; readonly row: DeviceRow; readonly record: Device; readonly fields: readonly string[] }
  | { readonly what: 'same' | 'retired'; readonly row: DeviceRow; readonly device: Device }

export type ImportPlan = {
  /** In the order of the lines, without the refused ones. */
  readonly lines: readonly LinePlan[]
  readonly refused: readonly LineFault[]
  /** Users that the desk does not know: their normalized names. */
  readonly newUsers: readonly string[]
}

export type DeskBefore = {
  readonly devices: KnownDevices
  /** The normalized names of the users. */
  readonly users: ReadonlySet<string>
  /** By device id: the secrets of known devices for which a line has a secret as well. */
  readonly secrets: ReadonlyMap<string, Uint8Array>
}

/** The fields that a line may change in a known device. */
const FIELDS = ['name', 'platform', 'model', 'osVersion', 'appVersion', 'registeredBy', 'managementId'] as const

export function planImport(rows: readonly DeviceRow[], before: DeskBefore): ImportPlan {
  const matches = matchRows(rows, before.devices)
  const isTaken = takenSecrets()
  const lines: LinePlan[] = []
  const refused: LineFault[] = []
  for (const [i, row] of rows.entries()) {
    const match = matches[i] as (typeof matches)[number]
    const planned = planLine(row, match, before, isTaken)
    if ('reason' in planned) refused.push(planned)
    else lines.push(planned)
  }
  return { lines, refused, newUsers: findNewUsers(lines, before.users) }
}

function planLine(
  row: DeviceRow,
  match: Match,
  before: DeskBefore,
  isTaken: ReturnType<typeof takenSecrets>,
): LinePlan | LineFault {
  if (match.what === 'refused') return match.fault
  if (match.what === 'retired') return { what: 'retired', row, device: match.device }
  const no = match.what === 'new' ? (refuseNew(row, before) ?? isTaken(row)) : refuseKnown(row, match.device, before)
  if (no !== null) return { line: row.line, column: null, ...no }
  return match.what === 'new' ? { what: 'add', row } : compare(row, match.device)
}

type No = Pick<LineFault, 'reason' | 'message'>

function refuseNew(row: DeviceRow, { devices }: DeskBefore): No | null {
  if (row.tag === null) return null
  if (row.secret === null)
    return { reason: 'tag-alone', message: 'a new device draws its tag; one of its own comes with its id and secret' }
  return devices.tags.has(row.tag) ? { reason: 'tag-taken', message: 'another device of this desk has this tag' } : null
}

/** Returns a check that refuses a tag or secret if an earlier line has it. */
function takenSecrets() {
  const tags = new Set<number>()
  const secrets = new Set<string>()
  return ({ tag, secret }: DeviceRow): No | null => {
    if (tag === null || secret === null) return null
    const mark = encodeHex(secret)
    if (tags.has(tag)) return { reason: 'tag-taken', message: 'an earlier line has this tag' }
    if (secrets.has(mark)) return { reason: 'secret-taken', message: 'an earlier line has this secret' }
    tags.add(tag)
    secrets.add(mark)
    return null
  }
}

/** Refuses the changes that an import never makes to a known device. */
function refuseKnown(row: DeviceRow, device: Device, { devices, secrets }: DeskBefore): No | null {
  if (row.owner !== normalizeUser(device.user)) return otherUser
  if (row.tag !== null && row.tag !== device.tag) return { reason: 'other-tag', message: 'the device has another tag' }
  if (row.secret !== null && !isSame(row.secret, secrets.get(device.deviceId)))
    return { reason: 'other-secret', message: 'the device has another secret, which is not exchanged' }
  if (row.pinAllowed !== null && row.pinAllowed !== device.pinAllowed) return otherFlag
  const { managementId } = row
  if (managementId === null || managementId === device.managementId) return null
  const other = devices.byManagementId(managementId).find((each) => each.state !== 'retired')
  return other === undefined
    ? null
    : { reason: 'same-device', message: 'another device of this desk has this management id' }
}

const otherUser: No = {
  reason: 'other-user',
  message: 'the device is another user’s; retire it first, and it comes in anew',
}
const otherFlag: No = {
  reason: 'pin-flag',
  message: 'whether it allows a PIN was settled by its invitation; retire it first, and it comes in anew',
}

const isSame = (a: Uint8Array, b: Uint8Array | undefined): boolean => b !== undefined && encodeHex(a) === encodeHex(b)

function compare(row: DeviceRow, device: Device): LinePlan {
  const fields = FIELDS.filter((field) => row[field] !== null && row[field] !== (device[field] ?? null))
  if (fields.length === 0) return { what: 'same', row, device }
  const changed = Object.fromEntries(fields.map((field) => [field, row[field]])) as Partial<Device>
  return { what: 'change', row, fields, record: { ...device, ...changed } }
}

function findNewUsers(lines: readonly LinePlan[], users: ReadonlySet<string>): string[] {
  const found = new Set<string>()
  for (const { what, row } of lines) if (what === 'add' && !users.has(row.owner)) found.add(row.owner)
  return [...found]
}
