/**
 * A second engine, for tests: it keeps the store as values in memory.
 * - A commit needs no fsync, and a test can change any byte.
 * - It fulfils the same contract as the SQLite engine, so the contract does not depend on SQLite.
 */
import type { ChainedEntry } from '../../src/crypto/audit-chain.ts'
import { encodeHex, equalBytes } from '../../src/crypto/bytes.ts'
import { KeydeskError } from '../../src/errors.ts'
import type {
  BlindIndex,
  Commit,
  Engine,
  Keeping,
  ListedBatch,
  SealedRow,
  Snapshot,
  StoredIndex,
} from '../../src/store/engine.ts'

export type StoredRow = SealedRow & { readonly collection: string }
/** The whole contents of a store. */
export type StoreState = { storeId: Uint8Array; rows: StoredRow[]; indexes: StoredIndex[]; entries: ChainedEntry[] }

/** The store that several engines share. It has one state and allows one writer at a time. */
export class MemoryStore {
  state: StoreState
  writing: Promise<unknown> | null = null

  constructor(storeId: Uint8Array) {
    this.state = { storeId, rows: [], indexes: [], entries: [] }
  }

  connect(busyMs = 1_000): Engine {
    let turn: Promise<unknown> = Promise.resolve()
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const mine = turn.catch(() => undefined).then(work)
      turn = mine
      return mine
    }
    return {
      // A commit works on a copy of the state, so a state that is being read does not change.
      read: (work) => inTurn(() => runOn(this.state, work)),
      commit: (work) => inTurn(() => this.#commit(work, busyMs)),
      close: async () => void (await turn.catch(() => undefined)),
    }
  }

  async #commit<T>(work: (commit: Commit) => Promise<T>, busyMs: number): Promise<T> {
    await this.#waitForWriter(busyMs)
    const state = structuredClone(this.state)
    const mine = runOn(state, work)
    this.writing = mine
    try {
      const result = await mine
      this.state = state
      return result
    } finally {
      this.writing = null
    }
  }

  async #waitForWriter(busyMs: number): Promise<void> {
    const until = performance.now() + busyMs
    while (this.writing !== null) {
      if (performance.now() > until) throw new KeydeskError('busy', 'busy', 'another writer')
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
}

/** Runs the work in a transaction on `state`. The transaction rejects every call afterwards. */
async function runOn<T>(state: StoreState, work: (commit: Commit) => Promise<T>): Promise<T> {
  const transaction = new Transaction(state)
  try {
    return await work(transaction)
  } finally {
    transaction.isOver = true
  }
}

class Transaction implements Commit {
  readonly #state: StoreState
  isOver = false

  constructor(state: StoreState) {
    this.#state = state
  }

  get #live(): StoreState {
    if (this.isOver) throw new Error('this snapshot is over')
    return this.#state
  }

  get storeId(): Uint8Array {
    return this.#live.storeId
  }

  async getRow(collection: string, id: Uint8Array): Promise<SealedRow | null> {
    return toRow(this.#live.rows.find((row) => row.collection === collection && equalBytes(row.id, id)))
  }

  async findRows(collection: string, { name, value }: BlindIndex): Promise<SealedRow[]> {
    const found = this.#live.indexes.filter(
      (index) => index.collection === collection && index.name === name && equalBytes(index.value, value),
    )
    const rows = await Promise.all(found.map(({ id }) => this.getRow(collection, id)))
    return rows.filter((row) => row !== null).sort((a, b) => (encodeHex(a.id) < encodeHex(b.id) ? -1 : 1))
  }

  async *scanRows(collection: string): AsyncIterable<SealedRow> {
    const rows = this.#live.rows.filter((row) => row.collection === collection)
    for (const { id } of rows) {
      void this.#live
      const row = await this.getRow(collection, id)
      if (row !== null) yield row
    }
  }

  async listRows(collection: string, after: number, limit: number): Promise<ListedBatch> {
    const places = this.#live.rows.map((row, i) => ({ row, place: i + 1 }))
    const batch = places.filter(({ row, place }) => row.collection === collection && place > after).slice(0, limit)
    const rows = batch.map(({ row: { id, generation, listed } }) => ({ id, generation, listed }))
    return { rows: structuredClone(rows), last: batch.at(-1)?.place ?? after }
  }

  async countRows(collection: string): Promise<number> {
    return this.#live.rows.filter((row) => row.collection === collection).length
  }

  async listCollections(): Promise<string[]> {
    return [...new Set(this.#live.rows.map(({ collection }) => collection))]
  }

  async *scanIndexes(): AsyncIterable<StoredIndex> {
    for (const index of this.#live.indexes) {
      void this.#live
      yield structuredClone(index)
    }
  }

  async describeKeeping(): Promise<Keeping> {
    void this.#live
    return { place: 'memory', format: 1, bytes: 0 }
  }

  async findFaults(): Promise<string[]> {
    void this.#live
    return []
  }

  async lastEntry(): Promise<ChainedEntry | null> {
    return structuredClone(this.#live.entries.at(-1) ?? null)
  }

  async getEntry(seq: number): Promise<ChainedEntry | null> {
    return structuredClone(this.#live.entries.find((entry) => entry.seq === seq) ?? null)
  }

  async *scanEntries(after: number): AsyncIterable<ChainedEntry> {
    for (const entry of this.#live.entries.filter(({ seq }) => seq > after)) {
      void this.#live
      yield structuredClone(entry)
    }
  }

  async putRow(collection: string, row: SealedRow): Promise<void> {
    const { rows } = this.#live
    const at = rows.findIndex((one) => one.collection === collection && equalBytes(one.id, row.id))
    rows[at === -1 ? rows.length : at] = structuredClone({ collection, ...row })
  }

  async addRows(collection: string, rows: readonly SealedRow[]): Promise<readonly boolean[]> {
    const added: boolean[] = []
    for (const row of rows) {
      const isNew = (await this.getRow(collection, row.id)) === null
      if (isNew) await this.putRow(collection, row)
      added.push(isNew)
    }
    return added
  }

  async deleteRow(collection: string, id: Uint8Array): Promise<void> {
    const isIt = (one: StoredRow) => one.collection === collection && equalBytes(one.id, id)
    this.#live.rows = this.#live.rows.filter((one) => !isIt(one))
  }

  async putIndex(collection: string, id: Uint8Array, index: BlindIndex): Promise<void> {
    await this.deleteIndex(collection, id, index)
    this.#live.indexes.push(structuredClone({ collection, id, ...index }))
  }

  async putIndexes(collection: string, indexes: readonly Omit<StoredIndex, 'collection'>[]): Promise<void> {
    for (const { id, name, value } of indexes) await this.putIndex(collection, id, { name, value })
  }

  async deleteIndex(collection: string, id: Uint8Array, { name, value }: BlindIndex): Promise<void> {
    const isIt = (one: StoredIndex) =>
      one.collection === collection && one.name === name && equalBytes(one.value, value) && equalBytes(one.id, id)
    this.#live.indexes = this.#live.indexes.filter((one) => !isIt(one))
  }

  async appendEntry(entry: ChainedEntry): Promise<void> {
    const { entries } = this.#live
    if (entry.seq !== (entries.at(-1)?.seq ?? 0) + 1)
      throw new RangeError('seq: the one after the newest entry expected')
    entries.push(structuredClone(entry))
  }
}

function toRow(row: StoredRow | undefined): SealedRow | null {
  if (row === undefined) return null
  const { collection: _, ...rest } = row
  return structuredClone(rest)
}

/** A copy of the store, which a test can read and change. */
export function copyStore(store: MemoryStore): MemoryStore {
  const copy = new MemoryStore(store.state.storeId)
  copy.state = structuredClone(store.state)
  return copy
}

/** Reads the store's id, all rows of the collections, and all entries. */
export async function dumpEngine(engine: Engine, collections: readonly string[]): Promise<Omit<StoreState, 'indexes'>> {
  const gather = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const list: T[] = []
    for await (const item of items) list.push(item)
    return list
  }
  return engine.read(async (snapshot: Snapshot) => {
    const rows: StoredRow[] = []
    for (const collection of collections)
      rows.push(...(await gather(snapshot.scanRows(collection))).map((row) => ({ collection, ...row })))
    return { storeId: snapshot.storeId, rows, entries: await gather(snapshot.scanEntries(0)) }
  })
}
