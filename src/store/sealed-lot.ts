/** A lot of new records, sealed together: by whichever of two threads has time. */
import { DIGEST_BYTES, updateDigest } from '../crypto/section.ts'
import { type Packed, pack, unpack } from './packed.ts'
import type { Sealer } from './sealer.ts'

/** What is to be sealed, as it can be handed to another thread. */
export type SealJob = {
  readonly op: 'seal'
  readonly collection: string
  /** Of each record its id and its secret, empty for none. */
  readonly records: Packed
  readonly texts: readonly string[]
  /** Names and values of all their blind indexes. */
  readonly indexes: readonly (readonly [name: string, value: string])[]
  /** Where what was sealed is put. */
  readonly room: SharedArrayBuffer
}
export type SealedLot = {
  /** Of each record what is listed and its secret, sealed; empty for none. */
  readonly sealed: Packed
  /** The values of the blind indexes. */
  readonly values: Packed
  /** What all the rows add to the digest of the store. */
  readonly digest: Uint8Array
}

export const NOTHING = new Uint8Array(0)

/** Throws `refused` where the role holds no key to secrets. */
export function sealLot(sealer: Sealer, { collection, records, texts, indexes, room }: SealJob): SealedLot {
  const parts = unpack(records)
  const { generation } = sealer
  const sealed: Uint8Array[] = []
  const elements = texts.map((text, i) => {
    const [id, bare] = [parts[2 * i] as Uint8Array, parts[2 * i + 1] as Uint8Array]
    const listed = sealer.sealText(collection, id, text)
    const secret = bare.length === 0 ? null : sealer.sealSecret(collection, id, bare)
    sealed.push(listed, secret ?? NOTHING)
    return sealer.digest(collection, { id, generation, listed, secret })
  })
  const values = indexes.map(([name, value]) => sealer.index(name, value).value)
  return { sealed: pack(sealed, room), values: pack(values), digest: updateDigest(EMPTY, [], elements) }
}
const EMPTY = new Uint8Array(DIGEST_BYTES)
