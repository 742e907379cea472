/**
 * Rows of a store file as values. The file is untrusted, and its STRICT tables hold only what was written through SQLite: a column of another
 * type or length is damage, and is found before anything is made of it.
 */
import type { ChainedEntry } from '../crypto/audit-chain.ts'
import { equalBytes } from '../crypto/bytes.ts'
import { HASH_BYTES } from '../crypto/hmac.ts'
import { ID_BYTES } from '../crypto/keys.ts'
import { DIGEST_BYTES, INDEX_BYTES, STORE_ID_BYTES } from '../crypto/section.ts'
import { SIGNATURE_BYTES } from '../crypto/signature.ts'
import type { ListedRow, SealedRow, StoredIndex } from './engine.ts'
import { damagedStore } from './store-errors.ts'

export type Row = Readonly<Record<string, unknown>>

/** Reads the columns of the rows of one file; each throws `damaged` for what no keydesk wrote. */
export function readerOfRows(path: string) {
  function bytes(row: Row, column: string, length?: number): Uint8Array {
    const value = row[column]
    if (value instanceof Uint8Array && (length === undefined || value.length === length)) return value
    throw damagedStore(path, `a row has no ${column}`)
  }

  function count(row: Row, column: string): number {
    const value = row[column]
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
    throw damagedStore(path, `a row has no ${column}`)
  }

  return {
    storeId: (row: Row): Uint8Array => bytes(row, 'id', STORE_ID_BYTES),
    /** `wanted` is the id that was asked for. */
    sealedRow(row: Row, wanted?: Uint8Array): SealedRow {
      const id = bytes(row, 'id', ID_BYTES)
      if (wanted !== undefined && !equalBytes(id, wanted))
        throw damagedStore(path, 'a row stands in the place of another')
      const secret = row['secret'] === null ? null : bytes(row, 'secret')
      return { id, generation: count(row, 'generation'), listed: bytes(row, 'listed'), secret }
    },
    /** Of the columns rowid, id, generation, listed. */
    listedRow([, id, generation, listed]: readonly unknown[]): ListedRow {
      const row = { id, generation, listed }
      return { id: bytes(row, 'id', ID_BYTES), generation: count(row, 'generation'), listed: bytes(row, 'listed') }
    },
    count,
    index: (row: Row): StoredIndex => ({
      collection: String(row['collection']),
      name: String(row['name']),
      value: bytes(row, 'value', INDEX_BYTES),
      id: bytes(row, 'id', ID_BYTES),
    }),
    /** Digest and signature are there both, or neither: then a later entry covers this one. */
    entry(row: Row): ChainedEntry {
      const covered = bytes(row, 'signature').length === 0
      return {
        seq: count(row, 'seq'),
        operatorId: bytes(row, 'operator', ID_BYTES),
        generation: count(row, 'generation'),
        digest: bytes(row, 'digest', covered ? 0 : DIGEST_BYTES),
        body: bytes(row, 'body'),
        hash: bytes(row, 'hash', HASH_BYTES),
        signature: bytes(row, 'signature', covered ? 0 : SIGNATURE_BYTES),
      }
    },
  }
}
