/**
 * Decrypted devices and users that the agent caches beside its keys. So a name is found in a fleet of 100,000 while it
 * is typed.
 * - The cache holds only data that every operator may list. It is forgotten together with the keys.
 * - Before use it is compared with the store. A row that was sealed again is opened again.
 * - No decision uses the cache: a command that acts on a device reads the device's record.
 */
import { setImmediate as letOthersGoFirst } from 'node:timers/promises'
import { encodeHex } from '../crypto/bytes.ts'
import type { Device, User } from '../desk/records/index.ts'
import type { Desk } from '../store/desk.ts'

type Inspected = Pick<Desk, 'inspect'>

/** The fields by which a device is found and sorted. */
export type HeldDevice = Pick<
  Device,
  'deviceId' | 'tag' | 'name' | 'user' | 'model' | 'platform' | 'state' | 'lastConfirmed'
>
type HeldUser = Pick<User, 'name' | 'removedAt'>

/** Rows in one read: a millisecond or two of work. Then calls that arrived meanwhile get their turn. */
const BATCH = 256
/** With more devices than this, the names for a TAB may be `BEHIND_MS` old. */
const MANY = 10_000
const BEHIND_MS = 10_000

export class NameDirectory {
  readonly #devices = new HeldRows<Device, HeldDevice>('device', keepDevice)
  readonly #users = new HeldRows<User, HeldUser>('user', ({ name, removedAt }) => ({ name, removedAt }))
  /** Hash of the newest entry when the cache was read, hexadecimal. */
  #newest: string | null = null
  #readAt = Number.NEGATIVE_INFINITY
  #turn: Promise<unknown> = Promise.resolve()

  /** All devices, up to date. */
  async devices(desk: Inspected): Promise<readonly HeldDevice[]> {
    await this.#refresh(desk)
    return this.#devices.records
  }

  /** Like `devices`, but in a large fleet the result may be up to 10 s old. */
  async devicesOfLate(desk: Inspected): Promise<readonly HeldDevice[]> {
    if (!this.#isOfLate()) await this.#refresh(desk)
    return this.#devices.records
  }

  /** All users who were not removed. In a large fleet the result may be up to 10 s old. */
  async usersOfLate(desk: Inspected): Promise<readonly HeldUser[]> {
    if (!this.#isOfLate()) await this.#refresh(desk)
    return this.#users.records.filter(({ removedAt }) => removedAt === null)
  }

  #isOfLate(): boolean {
    return this.#devices.records.length > MANY && performance.now() - this.#readAt < BEHIND_MS
  }

  /** Runs one refresh at a time. A second caller waits and then finds the work done. */
  #refresh(desk: Inspected): Promise<void> {
    const mine = this.#turn.catch(() => undefined).then(() => this.#read(desk))
    this.#turn = mine
    return mine
  }

  async #read(desk: Inspected): Promise<void> {
    // Read before the rows: the next refresh then notices an entry that is written during this one.
    const newest = await desk.inspect(async ({ snapshot }) => encodeHex((await snapshot.lastEntry())?.hash ?? NOTHING))
    if (newest !== this.#newest) {
      await this.#devices.read(desk)
      await this.#users.read(desk)
    }
    this.#newest = newest
    this.#readAt = performance.now()
  }
}

function keepDevice({ deviceId, tag, name, user, model, platform, state, lastConfirmed }: Device): HeldDevice {
  return { deviceId, tag, name, user, model, platform, state, lastConfirmed }
}

const NOTHING = new Uint8Array(0)

/** Rows of one collection, in the order in which they were added. Rows are never deleted, so each keeps its index. */
class HeldRows<T, K> {
  readonly #collection: string
  readonly #keep: (record: T) => K
  /** The first 8 bytes of each row's nonce. They change whenever the row is sealed again. */
  readonly #marks: bigint[] = []
  readonly records: K[] = []

  constructor(collection: string, keep: (record: T) => K) {
    this.#collection = collection
    this.#keep = keep
  }

  async read(desk: Inspected): Promise<void> {
    let at = 0
    for (let after = 0; ; ) {
      const { rows, last, sealer } = await desk.inspect(async ({ snapshot, sealer }) => ({
        ...(await snapshot.listRows(this.#collection, after, BATCH)),
        sealer,
      }))
      for (const row of rows) {
        const mark = new DataView(row.listed.buffer, row.listed.byteOffset).getBigUint64(1)
        if (this.#marks[at] !== mark) this.records[at] = this.#keep(sealer.openListed<T>(this.#collection, row))
        this.#marks[at++] = mark
      }
      if (rows.length < BATCH) break
      after = last
      await letOthersGoFirst()
    }
    this.records.length = at
    this.#marks.length = at
  }
}
