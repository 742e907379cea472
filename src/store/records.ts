/**
 * Reads records from one snapshot, for decisions and lists.
 * - A record opens only if a holder of the section key sealed it.
 * - A blind index that leads to a record with another value is `damaged` too.
 */
import type { ChainedEntry } from '../crypto/audit-chain.ts'
import { decodeHex } from '../crypto/bytes.ts'
import { asDeviceSecret, type DeviceSecret } from '../crypto/keys.ts'
import { normalizeUser } from '../crypto/pin.ts'
import type { AuditEntry, Device, Organisation, TotpAccount, User } from '../desk/records/index.ts'
import type { Policy } from '../desk/records/policy.ts'
import { findMember, type Member, type Roster } from '../desk/records/roster.ts'
import type { ListedRow, SealedRow, Snapshot } from './engine.ts'
import type { OpenedRoster } from './roster.ts'
import { damagedRecord, entryId, missingRows, type Sealer } from './sealer.ts'

/** Opening 1,024 rows takes some milliseconds. */
const BATCH = 1_024

/** The organisation is the only record of its collection. */
export const ORGANISATION_ID = new Uint8Array(16)

export type Records = {
  device(deviceId: string): Promise<Device | null>
  deviceByTag(tag: number): Promise<Device | null>
  /** Reads every device once. Throws `damaged` if a device has the tag although no index leads to it. */
  requireUnknownTag(tag: number): Promise<void>
  devices(): AsyncIterable<Device>
  /** Throws `refused` where the operator's role holds no key to secrets. */
  deviceSecret(device: Device): Promise<DeviceSecret>
  user(name: string): Promise<User | null>
  /** Users who were not removed. */
  users(): AsyncIterable<User>
  /** Finds removed operators too: the signatures on their entries are still verified. */
  operator(operatorId: string): Promise<Member | null>
  readonly roster: Roster
  /** The active policy. */
  readonly policy: Policy
  /** The authenticator app of the user or operator with this id. */
  totpAccount(ownerId: string): Promise<TotpAccount | null>
  totpAccounts(): AsyncIterable<TotpAccount>
  /** Throws `refused` where the operator's role holds no key to secrets. */
  totpSecret(account: TotpAccount): Promise<Uint8Array>
  organisation(): Promise<Organisation>
  /** Time of the newest entry in milliseconds since 1970; 0 if there is none. */
  newestAt(): Promise<number>
  /** Entries with a seq above `after`, in order. */
  entries(after: number): AsyncIterable<AuditEntry>
}

/** The blind indexes of a record, as pairs of name and value. A removed user has none. */
export function indexedValues(collection: string, record: object): readonly (readonly [name: string, value: string])[] {
  if (collection === 'device') return [['tag', String((record as Device).tag)]]
  if (collection === 'user') {
    const { name, removedAt } = record as User
    return removedAt === null ? [['name', normalizeUser(name)]] : []
  }
  return []
}

export function openRecords(snapshot: Snapshot, sealer: Sealer, { roster }: OpenedRoster): Records {
  async function one<T>(collection: string, id: Uint8Array): Promise<T | null> {
    const row = await snapshot.getRow(collection, id)
    return row === null ? null : sealer.openListed<T>(collection, row)
  }

  /**
   * Finds the only record with this value. If the index leads to a second one, or to one with another value, another
   * program has written it.
   */
  async function found<T extends object>(collection: string, name: string, value: string): Promise<T | null> {
    const rows = await snapshot.findRows(collection, sealer.index(name, value))
    const records = rows.map((row) => sealer.openListed<T>(collection, row))
    const wrong = records.findIndex(
      (record, i) => i > 0 || !indexedValues(collection, record).some(([n, v]) => n === name && v === value),
    )
    if (wrong !== -1) throw damagedRecord(collection, (rows[wrong] as SealedRow).id)
    return records[0] ?? null
  }

  async function secretOf(collection: string, recordId: string): Promise<Uint8Array> {
    const id = requireId(recordId)
    const row = await snapshot.getRow(collection, id)
    if (row === null) throw damagedRecord(collection, id)
    return sealer.openSecret(collection, row)
  }

  /** Cached: a batch may hold many codes of another desk. */
  let holders: Map<number, string> | null = null

  return {
    device: (deviceId) => one('device', requireId(deviceId)),
    deviceByTag: (tag) => found('device', 'tag', String(tag)),
    async requireUnknownTag(tag) {
      holders ??= await findHolders(this.devices())
      const deviceId = holders.get(tag)
      if (deviceId !== undefined) throw damagedRecord('device', requireId(deviceId))
    },
    async *devices() {
      for await (const rows of scanBatches(snapshot, 'device'))
        for (const row of rows) yield sealer.openListed<Device>('device', row)
    },
    deviceSecret: async ({ deviceId }) => asDeviceSecret(await secretOf('device', deviceId)),
    user: (name) => found('user', 'name', normalizeUser(name)),
    async *users() {
      for await (const rows of scanBatches(snapshot, 'user'))
        for (const row of rows) {
          const user = sealer.openListed<User>('user', row)
          if (user.removedAt === null) yield user
        }
    },
    operator: async (operatorId) => findMember(roster, operatorId) ?? null,
    roster,
    policy: roster.policy,
    totpAccount: (ownerId) => one('totp', requireId(ownerId)),
    async *totpAccounts() {
      for await (const rows of scanBatches(snapshot, 'totp'))
        for (const row of rows) yield sealer.openListed<TotpAccount>('totp', row)
    },
    totpSecret: ({ ownerId }) => secretOf('totp', ownerId),
    async organisation() {
      const record = await one<Organisation>('organisation', ORGANISATION_ID)
      if (record === null) throw damagedRecord('organisation', ORGANISATION_ID)
      return record
    },
    async newestAt() {
      const newest = await snapshot.lastEntry()
      return newest === null ? 0 : openEntry(sealer, newest).at
    },
    async *entries(after) {
      for await (const entry of snapshot.scanEntries(after)) yield openEntry(sealer, entry)
    },
  }
}

/** Maps each tag to its device, without using the indexes. */
async function findHolders(devices: AsyncIterable<Device>): Promise<Map<number, string>> {
  const holders = new Map<number, string>()
  for await (const { tag, deviceId } of devices) holders.set(tag, deviceId)
  return holders
}

/** Yields all rows of a collection in batches. Throws `damaged` if rows are missing. */
async function* scanBatches(snapshot: Snapshot, collection: string): AsyncGenerator<readonly ListedRow[]> {
  let seen = 0
  for (let after = 0; ; ) {
    const { rows, last } = await snapshot.listRows(collection, after, BATCH)
    seen += rows.length
    yield rows
    if (rows.length < BATCH) break
    after = last
  }
  if (seen !== (await snapshot.countRows(collection))) throw missingRows(collection)
}

/** Opens the body of an audit entry. Throws `damaged` unless it was sealed for this seq. */
export function openEntry(sealer: Sealer, { seq, generation, body }: ChainedEntry): AuditEntry {
  const content = { id: entryId(seq), generation, listed: body }
  return { ...sealer.openListed<Omit<AuditEntry, 'seq'>>('entry', content), seq }
}

function requireId(id: string): Uint8Array {
  const bytes = decodeHex(id)
  if (bytes === null) throw new TypeError('id: hexadecimal expected')
  return bytes
}
