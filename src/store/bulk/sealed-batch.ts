/** Seals a batch of new records, in the worker thread or in this one. */
import { concatBytes } from '../../crypto/bytes.ts'
import { DIGEST_BYTES, updateDigest } from '../../crypto/section.ts'
import type { Sealer } from '../sealer.ts'
import { type PackedBytes, pack, type SharedBuffers, unpack } from './packed-bytes.ts'

/** A batch to seal, in a form that can be sent to another thread. */
export type SealJob = {
  readonly op: 'seal'
  readonly collection: string
  /** Three parts for each record: its id, its text, and its secret (empty for none). */
  readonly records: PackedBytes
  /** Names and values of all blind indexes of the records. */
  readonly indexes: readonly (readonly [name: string, value: string])[]
  /** The sealed records are written into `buffers.made`. */
  readonly buffers: SharedBuffers
}
export type SealedBatch = {
  /** Two parts for each record: its sealed text, and its sealed secret (empty for none). */
  readonly sealed: PackedBytes
  /** The values of the blind indexes, 16 bytes each, in the order of `SealJob.indexes`. */
  readonly values: Uint8Array
  /** The sum of the digest elements of all the rows, 256 bytes. */
  readonly digest: Uint8Array
}

export const NOTHING = new Uint8Array(0)

/** Throws `refused` if a record has a secret and the role has no key of the section *secrets*. */
export function sealBatch(sealer: Sealer, { collection, records, indexes, buffers }: SealJob): SealedBatch {
  const { generation } = sealer
  const sealed: Uint8Array[] = []
  const elements = inThrees(unpack(records)).map(([id, text, bare]) => {
    const listed = sealer.sealText(collection, id, text)
    const secret = bare.length === 0 ? null : sealer.sealSecret(collection, id, bare)
    sealed.push(listed, secret ?? NOTHING)
    return sealer.digest(collection, { id, generation, listed, secret })
  })
  const values = indexes.map(([name, value]) => sealer.index(name, value).value)
  return {
    sealed: pack(sealed, buffers.made),
    values: concatBytes(...values),
    digest: updateDigest(EMPTY, [], elements),
  }
}

type Three = readonly [id: Uint8Array, text: Uint8Array, secret: Uint8Array]
const inThrees = (parts: readonly Uint8Array[]): readonly Three[] =>
  Array.from({ length: parts.length / 3 }, (_, i) => parts.slice(3 * i, 3 * i + 3) as unknown as Three)

const EMPTY = new Uint8Array(DIGEST_BYTES)
