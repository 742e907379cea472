/** A batch of new records, sealed together: by whichever of two threads has time. */
import { concatBytes } from '../../crypto/bytes.ts'
import { DIGEST_BYTES, updateDigest } from '../../crypto/section.ts'
import type { Sealer } from '../sealer.ts'
import { type PackedBytes, pack, type SharedBuffers, unpack } from './packed-bytes.ts'

/** What is to be sealed, as it can be handed to another thread. */
export type SealJob = {
  readonly op: 'seal'
  readonly collection: string
  /** Of each record its id, its text, and its secret, empty for none. */
  readonly records: PackedBytes
  /** Names and values of all their blind indexes. */
  readonly indexes: readonly (readonly [name: string, value: string])[]
  /** Where what was sealed is put. */
  readonly buffers: SharedBuffers
}
export type SealedBatch = {
  /** Of each record what is listed and its secret, sealed; empty for none. */
  readonly sealed: PackedBytes
  /** The values of the blind indexes, one after the other. */
  readonly values: Uint8Array
  /** What all the rows add to the digest of the store. */
  readonly digest: Uint8Array
}

export const NOTHING = new Uint8Array(0)

/** Throws `refused` where the role holds no key to secrets. */
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
