/**
 * An import of devices: all of its lines or none, in one commit with one audit entry.
 * A new device draws a random id, secret and tag, unless the file brings those of a device that is enrolled already.
 */
import { encodeHex, type HexId, pickHexId } from '../../crypto/bytes.ts'
import { ID_BYTES, SECRET_BYTES } from '../../crypto/keys.ts'
import { TAG_BITS } from '../../crypto/tag.ts'
import type { Refusal } from '../../errors.ts'
import { allow, type Change, type Circumstances, type Decision, refuse } from '../decision.ts'
import { newLife } from '../device/decide.ts'
import type { Device, User } from '../records/index.ts'
import { refuseRole } from '../records/roles.ts'
import { nameOf } from './match.ts'
import type { ImportPlan } from './plan.ts'
import { type DeviceRow, type LineFault, SHOWN_FAULTS } from './rows.ts'

/** A new device with its id, tag and secret: drawn for it, or from the file. */
export type NewDevice = {
  readonly row: DeviceRow
  readonly deviceId: HexId
  readonly tag: number
  readonly secret: Uint8Array
}
export type ImportCounts = {
  readonly lines: number
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly retired: number
  readonly newUsers: number
  readonly refused: number
}

const TAG_BYTES = 4
const DEVICE_BYTES = ID_BYTES + SECRET_BYTES + TAG_BYTES
const USER_ID_BYTES = 16

/** How many random bytes a plan's new devices need. One draw gets all of them: a draw costs more than its bytes. */
export const deviceBytes = ({ lines }: ImportPlan): number =>
  lines.filter(({ what }) => what === 'add').length * DEVICE_BYTES
export const userBytes = (newUsers: readonly string[]): number => newUsers.length * USER_ID_BYTES

/** `drawn` holds `deviceBytes(plan)` bytes. A tag is no secret: if it is taken, the next free one is used. */
export function drawDevices({ lines }: ImportPlan, drawn: Uint8Array, taken: ReadonlySet<number>): NewDevice[] {
  const rows = lines.filter(({ what }) => what === 'add').map(({ row }) => row)
  const tags = new Set(taken)
  for (const { tag } of rows) if (tag !== null) tags.add(tag)
  const ids = encodeHex(drawn.subarray(0, rows.length * ID_BYTES))
  const secretsAt = rows.length * ID_BYTES
  const tagsAt = secretsAt + rows.length * SECRET_BYTES
  const view = new DataView(drawn.buffer, drawn.byteOffset + tagsAt)
  return rows.map((row, i) => {
    const from = secretsAt + i * SECRET_BYTES
    return {
      row,
      deviceId: row.deviceId ?? pickHexId(ids, i, ID_BYTES),
      tag: row.tag ?? takeTag(view.getUint32(i * TAG_BYTES) >>> (32 - TAG_BITS), tags),
      secret: row.secret ?? drawn.subarray(from, from + SECRET_BYTES),
    }
  })
}

function takeTag(wanted: number, tags: Set<number>): number {
  let tag = wanted
  while (tags.has(tag)) tag = (tag + 1) % 2 ** TAG_BITS
  tags.add(tag)
  return tag
}

export function countPlan({ lines, refused, newUsers }: ImportPlan): ImportCounts {
  const counts = { add: 0, change: 0, same: 0, retired: 0 }
  for (const { what } of lines) counts[what]++
  const { add: added, change: changed, same: unchanged, retired } = counts
  return {
    ...{ lines: lines.length + refused.length, added, changed, unchanged, retired },
    newUsers: newUsers.length,
    refused: refused.length,
  }
}

export type ImportRequest = {
  readonly plan: ImportPlan
  readonly devices: readonly NewDevice[]
  /** `userBytes(plan.newUsers)` random bytes. */
  readonly userIds: Uint8Array
  /** Whether invitations for the new devices are written to a file. */
  readonly provisioning: boolean
}

export function decideImport(
  { plan, devices, userIds, provisioning }: ImportRequest,
  circumstances: Circumstances,
): Decision<ImportCounts> {
  const counts = countPlan(plan)
  const withSecrets = devices.filter(({ row }) => row.secret !== null).length
  const { refused, retired, ...others } = counts
  const rare = Object.entries({ retired, withSecrets }).filter(([, count]) => count > 0)
  const done = { ...others, ...Object.fromEntries(rare), ...(provisioning && { provisioning }) }
  const details = refused > 0 ? { lines: counts.lines, refused } : done
  const entry = { action: 'device.import', subject: null, details }
  const forbidden = refuseRole('device.import', circumstances.operator) ?? refuseLines(plan.refused, counts.lines)
  if (forbidden !== null) return refuse(entry, forbidden)
  const changes = plan.lines.flatMap((line): Change[] =>
    line.what === 'change' ? [{ put: 'device', record: line.record }] : [],
  )
  const life = newLife(circumstances.now, circumstances.operator)
  const added = devices.map(
    (device): Change => ({ put: 'device', record: createDevice(device, life), secret: device.secret }),
  )
  const users = createUsers(plan.newUsers, userIds, circumstances).map((record): Change => ({ put: 'user', record }))
  return allow(entry, [...users, ...changes, ...added], counts)
}

/** One literal, because it is made by the hundred thousand. */
function createDevice({ row, deviceId, tag }: NewDevice, life: ReturnType<typeof newLife>): Device {
  const { managementId } = row
  const device = {
    deviceId,
    tag,
    name: nameOf(row),
    user: row.user,
    platform: row.platform,
    model: row.model,
    osVersion: row.osVersion,
    appVersion: row.appVersion,
    registeredBy: row.registeredBy ?? 'password',
    pinAllowed: row.pinAllowed ?? false,
    ...life,
  }
  return managementId === null ? device : Object.assign(device, { managementId })
}

/** `ids` holds `userBytes(names)` bytes. */
export function createUsers(names: readonly string[], ids: Uint8Array, { now }: Circumstances): User[] {
  const hex = encodeHex(ids)
  return names.map((name, i) => {
    return { userId: pickHexId(hex, i, USER_ID_BYTES), name, addedAt: now, roles: [], removedAt: null }
  })
}

/** Reports all refused lines, so that they can be fixed together. */
export function refuseLines(refused: readonly LineFault[], lines: number): Refusal | null {
  if (refused.length === 0) return null
  const [first] = refused
  const one = `line ${first?.line} is refused: ${first?.column === null ? '' : `column '${first?.column}': `}${first?.message}`
  const what = refused.length === 1 ? one : `${refused.length} of ${lines} lines are refused`
  return {
    kind: 'damaged',
    reason: 'refused-lines',
    message: `nothing was imported: ${what}`,
    hint: `mend them or leave them out, and try again; --dry-run shows what would happen${refused.length > SHOWN_FAULTS ? ', and --json lists them all' : ''}`,
    details: { refused: [...refused].sort((a, b) => a.line - b.line) },
  }
}
