/**
 * One transaction on an SQLite connection, behind the engine's interface. A snapshot ends with its transaction, and
 * every later call throws. A later read would see another state, and a later write would be a commit of its own.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { ChainedEntry } from '../../crypto/audit-chain.ts'
import { equalBytes } from '../../crypto/bytes.ts'
import { damagedStore } from '../../files/errors.ts'
import type { BlindIndex, Commit, Keeping, ListedBatch, SealedRow, StoredIndex } from '../engine.ts'
import { type Row, readerOfRows } from './rows.ts'
import { readPragma } from './schema.ts'
import type { PreparedStatements } from './statements.ts'
import { ADD, APPEND, BATCH, COUNT, FOUND, inBatches, PUT, PUT_INDEX, ROWS, SCAN } from './statements.ts'

export class Transaction implements Commit {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #statements: PreparedStatements
  readonly #reader: ReturnType<typeof readerOfRows>
  readonly #scans = new Set<Iterator<Row>>()
  #storeId: Uint8Array | null = null
  /**
   * Caches the last row that was read outside a scan. A decision finds a record, then needs its secret, and then
   * replaces it.
   */
  #last: { readonly collection: string; readonly row: SealedRow } | null = null
  /** Seq of the newest entry; null until one is appended. */
  #newest: number | null = null
  #isOver = false

  constructor(db: DatabaseSync, statements: PreparedStatements, path: string) {
    this.#db = db
    this.#path = path
    this.#statements = statements
    this.#reader = readerOfRows(path)
  }

  /** Ends the snapshot. Also closes scans that were left half-way, because they would block writers. */
  end(): void {
    this.#isOver = true
    for (const rows of this.#scans) rows.return?.()
  }

  get storeId(): Uint8Array {
    this.#requireLive()
    this.#storeId ??= this.#reader.storeId(this.#all('SELECT id FROM store')[0] ?? [])
    return this.#storeId
  }

  async getRow(collection: string, id: Uint8Array): Promise<SealedRow | null> {
    this.#requireLive()
    if (this.#last?.collection === collection && equalBytes(this.#last.row.id, id)) return this.#last.row
    const row = this.#all(`${ROWS} WHERE collection = ? AND id = ?`, collection, id)[0]
    // SQLite's own index may have been altered to lead to another row, which would open under its own id. So the id is
    // checked.
    return row === undefined ? null : this.#keep(collection, this.#reader.sealedRow(row, id))
  }

  async findRows(collection: string, { name, value }: BlindIndex): Promise<SealedRow[]> {
    return this.#all(FOUND, collection, name, value).map((row) => this.#keep(collection, this.#reader.sealedRow(row)))
  }

  /**
   * Reads the table and counts the rows by its index. Throws `damaged` if the numbers differ: a row is then missing in
   * one of them.
   */
  async *scanRows(collection: string): AsyncIterable<SealedRow> {
    let count = 0
    for await (const row of this.#scan(this.#reader.sealedRow, SCAN, collection)) {
      count++
      yield row
    }
    if (count !== (await this.countRows(collection))) throw damagedStore(this.#path, 'rows are missing')
  }

  async listRows(collection: string, after: number, limit: number): Promise<ListedBatch> {
    const rows = this.#all(BATCH, collection, after, limit)
    return { rows: rows.map(this.#reader.listedRow), last: Number(rows.at(-1)?.[3] ?? after) }
  }

  async countRows(collection: string): Promise<number> {
    return this.#reader.count(this.#all(COUNT, collection)[0] ?? [])
  }

  async listCollections(): Promise<string[]> {
    return this.#all('SELECT DISTINCT collection FROM record').map(([collection]) => String(collection))
  }

  scanIndexes(): AsyncIterable<StoredIndex> {
    return this.#scan(this.#reader.index, 'SELECT collection, name, value, id FROM blind')
  }

  async lastEntry(): Promise<ChainedEntry | null> {
    const row = this.#all('SELECT * FROM entry ORDER BY seq DESC LIMIT 1')[0]
    return row === undefined ? null : this.#reader.entry(row)
  }

  async getEntry(seq: number): Promise<ChainedEntry | null> {
    const row = this.#all('SELECT * FROM entry WHERE seq = ?', seq)[0]
    return row === undefined ? null : this.#reader.entry(row)
  }

  scanEntries(after: number): AsyncIterable<ChainedEntry> {
    return this.#scan(this.#reader.entry, 'SELECT * FROM entry WHERE seq > ? ORDER BY seq', after)
  }

  async describeKeeping(): Promise<Keeping> {
    this.#requireLive()
    const [format, pages, size] = ['user_version', 'page_count', 'page_size'].map((name) => readPragma(this.#db, name))
    return { place: this.#path, format: format as number, bytes: (pages as number) * (size as number) }
  }

  async findFaults(): Promise<string[]> {
    const found = this.#all('PRAGMA integrity_check').map(([line]) => String(line))
    return found.filter((line) => line !== 'ok')
  }

  async putRow(collection: string, { id, generation, listed, secret }: SealedRow): Promise<void> {
    this.#last = null
    this.#run(PUT, collection, id, generation, listed, secret)
  }

  async addRows(collection: string, rows: readonly SealedRow[]): Promise<readonly boolean[]> {
    this.#last = null
    const added: boolean[] = []
    for (const batch of inBatches(rows)) {
      const columns = batch.flatMap(({ id, generation, listed, secret }) => [
        collection,
        id,
        generation,
        listed,
        secret,
      ])
      const count = this.#run(batch.length === 1 ? ADD.one : ADD.many, ...columns)
      for (const row of batch) added.push(count === batch.length || (await this.#isThere(collection, row)))
    }
    return added
  }

  /** Whether this row was added: no two rows are sealed to the same bytes. */
  async #isThere(collection: string, { id, listed }: SealedRow): Promise<boolean> {
    const row = await this.getRow(collection, id)
    return row !== null && equalBytes(row.listed, listed)
  }

  async deleteRow(collection: string, id: Uint8Array): Promise<void> {
    this.#last = null
    this.#run('DELETE FROM record WHERE collection = ? AND id = ?', collection, id)
  }

  async putIndex(collection: string, id: Uint8Array, { name, value }: BlindIndex): Promise<void> {
    this.#run(PUT_INDEX.one, collection, name, value, id)
  }

  async putIndexes(collection: string, indexes: readonly Omit<StoredIndex, 'collection'>[]): Promise<void> {
    for (const batch of inBatches(indexes))
      this.#run(
        batch.length === 1 ? PUT_INDEX.one : PUT_INDEX.many,
        ...batch.flatMap(({ name, value, id }) => [collection, name, value, id]),
      )
  }

  async deleteIndex(collection: string, id: Uint8Array, { name, value }: BlindIndex): Promise<void> {
    this.#run(
      'DELETE FROM blind WHERE collection = ? AND name = ? AND value = ? AND id = ?',
      collection,
      name,
      value,
      id,
    )
  }

  async appendEntry({ seq, operatorId, generation, digest, body, hash, signature }: ChainedEntry): Promise<void> {
    // Cached: no other process writes during this transaction.
    this.#newest ??= (await this.lastEntry())?.seq ?? 0
    if (seq !== this.#newest + 1) throw new RangeError('seq: the one after the newest entry expected')
    this.#run(APPEND, seq, operatorId, generation, digest, body, hash, signature)
    this.#newest = seq
  }

  #keep(collection: string, row: SealedRow): SealedRow {
    this.#last = { collection, row }
    return row
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    this.#requireLive()
    return this.#statements.get(sql).all(...values) as unknown as Row[]
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    this.#requireLive()
    return Number(this.#statements.get(sql).run(...values).changes)
  }

  async *#scan<T>(read: (row: Row) => T, sql: string, ...values: SQLInputValue[]): AsyncIterable<T> {
    this.#requireLive()
    const rows = this.#statements.prepare(sql).iterate(...values) as unknown as Iterator<Row> & Iterable<Row>
    this.#scans.add(rows)
    for (const row of rows) {
      yield read(row)
      this.#requireLive()
    }
  }

  #requireLive(): void {
    if (this.#isOver) throw new Error('this snapshot is over')
  }
}
