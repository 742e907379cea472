/**
 * Devices and users as the agent keeps them beside its keys, opened: so that a name is found in a fleet of a hundred thousand while it is
 * typed. What is kept is what every operator may list, it is forgotten with the keys, and before it is used it is held against the store:
 * a row that was sealed anew is opened anew. Nothing is decided by it; who acts on a device reads its record.
 */
import { setImmediate as letOthersGoFirst } from 'node:timers/promises'
import { encodeHex } from '../crypto/bytes.ts'
import type { Device, User } from '../desk/records/index.ts'
import type { Desk } from '../store/desk.ts'

type Inspected = Pick<Desk, 'inspect'>

/** What a device is found and sorted by. */
export type HeldDevice = Pick<
  Device,
  'deviceId' | 'tag' | 'name' | 'user' | 'model' | 'platform' | 'state' | 'lastConfirmed'
>
type HeldUser = Pick<User, 'name' | 'removedAt'>

/** A millisecond or two of reading, and then the calls that came meanwhile. */
const BATCH = 256
/** In a fleet like that, a TAB may be so far behind. */
const MANY = 10_000
const BEHIND_MS = 10_000

export class NameDirectory {
  readonly #devices = new HeldRows<Device, HeldDevice>('device', keepDevice)
  readonly #users = new HeldRows<User, HeldUser>('user', ({ name, removedAt }) => ({ name, removedAt }))
  /** The newest entry of the state that is held. */
  #newest: string | null = null
  #readAt = Number.NEGATIVE_INFINITY
  #turn: Promise<unknown> = Promise.resolve()

  /** All devices, as they stand. */
  async devices(desk: Inspected): Promise<readonly HeldDevice[]> {
    await this.#refresh(desk)
    return this.#devices.records
  }

  /** The same for who can do with what was there some seconds ago. */
  async devicesOfLate(desk: Inspected): Promise<readonly HeldDevice[]> {
    if (!this.#isOfLate()) await this.#refresh(desk)
    return this.#devices.records
  }

  /** Without those who were removed; of some seconds ago at most. */
  async usersOfLate(desk: Inspected): Promise<readonly HeldUser[]> {
    if (!this.#isOfLate()) await this.#refresh(desk)
    return this.#users.records.filter(({ removedAt }) => removedAt === null)
  }

  #isOfLate(): boolean {
    return this.#devices.records.length > MANY && performance.now() - this.#readAt < BEHIND_MS
  }

  /** One at a time: who comes second finds it done. */
  #refresh(desk: Inspected): Promise<void> {
    const mine = this.#turn.catch(() => undefined).then(() => this.#read(desk))
    this.#turn = mine
    return mine
  }

  async #read(desk: Inspected): Promise<void> {
    // Looked at before the rows: what is written meanwhile is found the next time.
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

/** The rows of one collection, in the order in which they were added: none is ever taken away, so each keeps its place. */
class HeldRows<T, K> {
  readonly #collection: string
  readonly #keep: (record: T) => K
  /** Of each row the beginning of its nonce, which is another whenever the row is sealed anew. */
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
