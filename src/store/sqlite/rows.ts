/**
 * Reads the rows of a store file into values, and checks each column before it is used. The file is untrusted: STRICT
 * tables check only what is written through SQLite. A column of another type or length is damage.
 */
import type { ChainedEntry } from '../../crypto/audit-chain.ts'
import { equalBytes } from '../../crypto/bytes.ts'
import { HASH_BYTES } from '../../crypto/hmac.ts'
import { ID_BYTES } from '../../crypto/keys.ts'
import { DIGEST_BYTES, INDEX_BYTES, STORE_ID_BYTES } from '../../crypto/section.ts'
import { SIGNATURE_BYTES } from '../../crypto/signature.ts'
import { damagedStore } from '../../files/errors.ts'
import type { ListedRow, SealedRow, StoredIndex } from '../engine.ts'

/** The columns of one row, in the order of the SELECT. */
export type Row = readonly unknown[]

/** Makes the functions that read the rows of one file. Each throws `damaged` for a row that no keydesk wrote. */
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
    /**
     * Reads the columns id, generation, listed, secret. `wanted` is the id of the requested row: a row with another id
     * is damage.
     */
    sealedRow(row: Row, wanted?: Uint8Array): SealedRow {
      const listed = listedRow(row)
      if (wanted !== undefined && !equalBytes(listed.id, wanted))
        throw damagedStore(path, 'a row stands in the place of another')
      const [, , , secret] = row
      return { ...listed, secret: secret === null ? null : bytes(secret, 'secret') }
    },
    /** Reads the columns id, generation, listed. */
    listedRow,
    count: ([rows]: Row): number => count(rows, 'rows'),
    /** Reads the columns collection, name, value, id. */
    index: ([collection, name, value, id]: Row): StoredIndex => ({
      collection: String(collection),
      name: String(name),
      value: bytes(value, 'value', INDEX_BYTES),
      id: bytes(id, 'id', ID_BYTES),
    }),
    /** Reads all columns. Digest and signature are both present, or both empty: a later entry then covers this one. */
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
