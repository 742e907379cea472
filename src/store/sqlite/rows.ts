/**
 * Rows of a store file as values. The file is untrusted, and its STRICT tables hold only what was written through SQLite: a column of another
 * type or length is damage, and is found before anything is made of it.
 */
import type { ChainedEntry } from '../../crypto/audit-chain.ts'
import { equalBytes } from '../../crypto/bytes.ts'
import { HASH_BYTES } from '../../crypto/hmac.ts'
import { ID_BYTES } from '../../crypto/keys.ts'
import { DIGEST_BYTES, INDEX_BYTES, STORE_ID_BYTES } from '../../crypto/section.ts'
import { SIGNATURE_BYTES } from '../../crypto/signature.ts'
import { damagedStore } from '../../files/errors.ts'
import type { ListedRow, SealedRow, StoredIndex } from '../engine.ts'

/** Its columns, in the order in which they were asked for. */
export type Row = readonly unknown[]

/** Reads the columns of the rows of one file; each throws `damaged` for what no keydesk wrote. */
export function readerOfRows(path: string) {
  function bytes(value: unknown, column: string, length?: number): Uint8Array {
    if (value instanceof Uint8Array && (length === undefined || value.length === length)) return value
    throw damagedStore(path, `a row has no ${column}`)
  }

  function count(value: unknown, column: string): number {
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
    throw damagedStore(path, `a row has no ${column}`)
  }

  function listedRow([id, generation, listed]: Row): ListedRow {
    return {
      id: bytes(id, 'id', ID_BYTES),
      generation: count(generation, 'generation'),
      listed: bytes(listed, 'listed'),
    }
  }

  return {
    storeId: ([id]: Row): Uint8Array => bytes(id, 'id', STORE_ID_BYTES),
    /** Of the columns id, generation, listed, secret; `wanted` is the id that was asked for. */
    sealedRow(row: Row, wanted?: Uint8Array): SealedRow {
      const listed = listedRow(row)
      if (wanted !== undefined && !equalBytes(listed.id, wanted))
        throw damagedStore(path, 'a row stands in the place of another')
      const [, , , secret] = row
      return { ...listed, secret: secret === null ? null : bytes(secret, 'secret') }
    },
    /** Of the columns id, generation, listed. */
    listedRow,
    count: ([rows]: Row): number => count(rows, 'rows'),
    /** Of the columns collection, name, value, id. */
    index: ([collection, name, value, id]: Row): StoredIndex => ({
      collection: String(collection),
      name: String(name),
      value: bytes(value, 'value', INDEX_BYTES),
      id: bytes(id, 'id', ID_BYTES),
    }),
    /** Of all columns. Digest and signature are there both, or neither: then a later entry covers this one. */
    entry([seq, operator, generation, digest, body, hash, signature]: Row): ChainedEntry {
      const covered = bytes(signature, 'signature').length === 0
      return {
        seq: count(seq, 'seq'),
        operatorId: bytes(operator, 'operator', ID_BYTES),
        generation: count(generation, 'generation'),
        digest: bytes(digest, 'digest', covered ? 0 : DIGEST_BYTES),
        body: bytes(body, 'body'),
        hash: bytes(hash, 'hash', HASH_BYTES),
        signature: bytes(signature, 'signature', covered ? 0 : SIGNATURE_BYTES),
      }
    },
  }
}
