/**
 * The interface of a store engine: sealed rows, blind indexes, audit entries, and a commit that writes all of its
 * changes or none.
 * - An engine cannot read a row: `sealer.ts`, above it, seals and opens rows.
 * - The same contract tests run on every engine.
 */
import type { ChainedEntry } from '../crypto/audit-chain.ts'

/** A record as it is stored. `secret` is sealed separately, under the section *secrets*; null if there is none. */
export type SealedRow = {
  readonly id: Uint8Array
  /** Generation of the section keys that the row is sealed under. */
  readonly generation: number
  readonly listed: Uint8Array
  readonly secret: Uint8Array | null
}

/** A row without its secret, for lists of many rows. */
export type ListedRow = Omit<SealedRow, 'secret'>
/** `last` is the `after` with which the next call of `listRows` continues. */
export type ListedBatch = { readonly rows: readonly ListedRow[]; readonly last: number }

/** A keyed hash under which rows are found. */
export type BlindIndex = { readonly name: string; readonly value: Uint8Array }

/** A blind index as it is stored, with the collection and the id of the row that it points to. */
export type StoredIndex = BlindIndex & { readonly collection: string; readonly id: Uint8Array }

/** Where the store is kept, the number of its format, and its size in bytes. */
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
   * Resolves to at most `limit` rows after the position `after` (0 for the first batch), in the order in which they
   * were added. A row keeps its position when it is replaced. So batches from several snapshots skip no row and repeat
   * none.
   */
  listRows(collection: string, after: number, limit: number): Promise<ListedBatch>
  /**
   * Counts the rows of a collection by its index. A row that the table has lost is still counted, so the loss is
   * noticed.
   */
  countRows(collection: string): Promise<number>
  /** The names of all collections that have a row, also of unknown ones. */
  listCollections(): Promise<string[]>
  /** All indexes of all collections, in no particular order. */
  scanIndexes(): AsyncIterable<StoredIndex>
  /** The newest entry; null only in a store that is being created. */
  lastEntry(): Promise<ChainedEntry | null>
  /** The entry with this seq; null if there is none. */
  getEntry(seq: number): Promise<ChainedEntry | null>
  /** Entries with a seq above `after`, in order. */
  scanEntries(after: number): AsyncIterable<ChainedEntry>
  describeKeeping(): Promise<Keeping>
  /**
   * Faults that the engine finds in its own storage, in its own words. Empty if it finds none, or has nothing to check.
   */
  findFaults(): Promise<string[]>
}

/**
 * A snapshot that can be changed. The changes are durable when `Engine.commit` resolves. If it rejects, none of them is
 * stored.
 */
export interface Commit extends Snapshot {
  /** Inserts the row, or replaces the row with the same id. */
  putRow(collection: string, row: SealedRow): Promise<void>
  /**
   * Adds new rows, no two with the same id. Resolves to a list that says for each row whether it was added: a row whose
   * id exists already is not.
   */
  addRows(collection: string, rows: readonly SealedRow[]): Promise<readonly boolean[]>
  /** Deletes the row. The caller deletes the row's indexes. */
  deleteRow(collection: string, id: Uint8Array): Promise<void>
  putIndex(collection: string, id: Uint8Array, index: BlindIndex): Promise<void>
  putIndexes(collection: string, indexes: readonly Omit<StoredIndex, 'collection'>[]): Promise<void>
  deleteIndex(collection: string, id: Uint8Array, index: BlindIndex): Promise<void>
  /** Appends the next entry; its seq must be the last one's plus 1. */
  appendEntry(entry: ChainedEntry): Promise<void>
}

/**
 * Runs `work` on a snapshot that can no longer be used once `work` is done. `work` must not call the engine itself: it
 * would wait for its own end.
 */
export interface Engine {
  read<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T>
  /**
   * Runs `work` as the only writer, and makes its changes durable. After a conflict `work` may run again, so it must do
   * nothing that cannot be undone (decisions are pure). Throws KeydeskError `busy` if another writer holds the lock for
   * too long.
   */
  commit<T>(work: (commit: Commit) => Promise<T>): Promise<T>
  close(): Promise<void>
}
