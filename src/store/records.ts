/**
 * What decisions and listings read from one snapshot. A record was sealed by an operator with the key, or it does not open; a
 * blind index that points to another record than it says is `damaged` too.
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

/** Some milliseconds of opening. */
const BATCH = 1_024

/** The organisation's record is the only one of its kind. */
export const ORGANISATION_ID = new Uint8Array(16)

export type Records = {
  device(deviceId: string): Promise<Device | null>
  deviceByTag(tag: number): Promise<Device | null>
  /** Looks at every device, once: throws `damaged` where one has the tag although no index leads to it. */
  requireUnknownTag(tag: number): Promise<void>
  devices(): AsyncIterable<Device>
  /** Throws `refused` where the operator's role holds no key to secrets. */
  deviceSecret(device: Device): Promise<DeviceSecret>
  user(name: string): Promise<User | null>
  /** Without those who were removed. */
  users(): AsyncIterable<User>
  /** One who left, too: what they signed is still theirs. */
  operator(operatorId: string): Promise<Member | null>
  readonly roster: Roster
  /** What is in force. */
  readonly policy: Policy
  /** The second factor of the user or operator with this id. */
  totpAccount(ownerId: string): Promise<TotpAccount | null>
  totpAccounts(): AsyncIterable<TotpAccount>
  /** Throws `refused` where the operator's role holds no key to secrets. */
  totpSecret(account: TotpAccount): Promise<Uint8Array>
  organisation(): Promise<Organisation>
  /** When the newest entry was made. */
  newestAt(): Promise<number>
  /** Entries with a sequence above `after`, in order. */
  entries(after: number): AsyncIterable<AuditEntry>
}

/** The blind indexes under which a record of a collection is found. */
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

  /** The one record with this value. Two, or one with another value, were put there by somebody else than a keydesk. */
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

  /** Read once, whoever asks: a batch may be full of another desk's codes. */
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

/** Which device has a tag, whatever the indexes say. */
async function findHolders(devices: AsyncIterable<Device>): Promise<Map<number, string>> {
  const holders = new Map<number, string>()
  for await (const { tag, deviceId } of devices) holders.set(tag, deviceId)
  return holders
}

/** All rows of a collection, some hundred at a time; throws `damaged` when some are missing. */
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

/** What an entry says. Throws `damaged` unless it was sealed for its place. */
export function openEntry(sealer: Sealer, { seq, generation, body }: ChainedEntry): AuditEntry {
  const content = { id: entryId(seq), generation, listed: body }
  return { ...sealer.openListed<Omit<AuditEntry, 'seq'>>('entry', content), seq }
}

function requireId(id: string): Uint8Array {
  const bytes = decodeHex(id)
  if (bytes === null) throw new TypeError('id: hexadecimal expected')
  return bytes
}
