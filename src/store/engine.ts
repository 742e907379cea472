/**
 * What a store must be able to do, in the desk's words: sealed rows, blind indexes, audit entries, and one commit that writes
 * them together or not at all. Nothing here can read a row: sealing is `desk.ts`. The same contract tests run on every engine.
 */
import type { ChainedEntry } from '../crypto/audit-chain.ts'

/** A record as it is stored. `secret` is sealed apart, under the section *secrets*; null where there is none. */
export type SealedRow = {
  readonly id: Uint8Array
  /** Generation of the section keys that the row is sealed under. */
  readonly generation: number
  readonly listed: Uint8Array
  readonly secret: Uint8Array | null
}

/** A row without its secret, for who lists many. */
export type ListedRow = Omit<SealedRow, 'secret'>
/** `last` is where the next batch goes on. */
export type ListedBatch = { readonly rows: readonly ListedRow[]; readonly last: number }

/** A keyed hash under which rows are found. */
export type BlindIndex = { readonly name: string; readonly value: Uint8Array }

/** A blind index as it is stored: which row of which collection it points to. */
export type StoredIndex = BlindIndex & { readonly collection: string; readonly id: Uint8Array }

/** Where a store is kept, and how much of that it takes. */
export type Keeping = { readonly place: string; readonly format: number; readonly bytes: number }

/** One consistent state of the store. */
export interface Snapshot {
  /** 16 random bytes, drawn when the store was created. */
  readonly storeId: Uint8Array
  getRow(collection: string, id: Uint8Array): Promise<SealedRow | null>
  /** Rows with this index, in the order of their ids. */
  findRows(collection: string, index: BlindIndex): Promise<SealedRow[]>
  /** All rows of a collection, in the order in which they were added. */
  scanRows(collection: string): AsyncIterable<SealedRow>
  /**
   * The next `limit` rows of a collection after `after` (0 for the first), in the order in which they were added. A row keeps its place when it
   * is replaced, so batches of several snapshots leave out none and double none.
   */
  listRows(collection: string, after: number, limit: number): Promise<ListedBatch>
  /** How many rows a collection has by its index: a row that was lost from the table is missed so. */
  countRows(collection: string): Promise<number>
  /** The collections that have a row, whatever they are called. */
  listCollections(): Promise<string[]>
  /** All indexes of all collections, in no order that says anything. */
  scanIndexes(): AsyncIterable<StoredIndex>
  /** The newest entry; null only in a store that is being created. */
  lastEntry(): Promise<ChainedEntry | null>
  /** The entry with this sequence; null where there is none. */
  getEntry(seq: number): Promise<ChainedEntry | null>
  /** Entries with a sequence above `after`, in order. */
  scanEntries(after: number): AsyncIterable<ChainedEntry>
  describeKeeping(): Promise<Keeping>
  /** What the engine itself finds wrong with what it keeps, in its own words; nothing where it has nothing to look at. */
  findFaults(): Promise<string[]>
}

/** A snapshot that can be changed; the change is durable when `commit` resolves, and not there at all if it rejects. */
export interface Commit extends Snapshot {
  /** Adds the row, or puts it in the place of the one with its id. */
  putRow(collection: string, row: SealedRow): Promise<void>
  /** Adds new rows, no two with the same id; which of them it added, for there may have been one with its id. */
  addRows(collection: string, rows: readonly SealedRow[]): Promise<readonly boolean[]>
  /** Takes the row away; its indexes are the caller's. */
  deleteRow(collection: string, id: Uint8Array): Promise<void>
  putIndex(collection: string, id: Uint8Array, index: BlindIndex): Promise<void>
  putIndexes(collection: string, indexes: readonly Omit<StoredIndex, 'collection'>[]): Promise<void>
  deleteIndex(collection: string, id: Uint8Array, index: BlindIndex): Promise<void>
  /** The next entry; its sequence must be the last one's plus 1. */
  appendEntry(entry: ChainedEntry): Promise<void>
}

/** `work` gets a snapshot that is dead when it is done, and must not call the engine itself: it would wait for its own end. */
export interface Engine {
  read<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T>
  /**
   * Runs `work` alone among writers and makes what it wrote durable. It may be run again after a conflict, so it must do
   * nothing that cannot be undone: decisions are pure. Throws KeydeskError `busy` when another writer holds on too long.
   */
  commit<T>(work: (commit: Commit) => Promise<T>): Promise<T>
  close(): Promise<void>
}
