/**
 * An independent verifier of a whole store, which shares little code with the real one, `store verify`.
 * - Every entry follows the one before it, and is signed or covered by a signed one.
 * - The digest of the newest entry is the digest of all rows.
 */
import { createHash, hkdfSync } from 'node:crypto'
import { checkEntry, checkPlace, genesisHash } from '../../../src/crypto/audit-chain.ts'
import { encodeHex } from '../../../src/crypto/bytes.ts'
import { findMember } from '../../../src/desk/records/roster.ts'
import type { Engine } from '../../../src/store/engine.ts'
import { readRoster } from '../../../src/store/roster.ts'
import { createSealer } from '../../../src/store/sealer.ts'
import { hex } from '../../crypto/fixtures.ts'
import type { Founder } from '../fixtures.ts'
import { dumpEngine, type StoredRow } from '../memory-engine.ts'

const COLLECTIONS = ['keyring', 'organisation', 'roster', 'user', 'device']

/** The faults of the store: `entry SEQ: …` and `digest`. Empty for a store that is whole. */
export async function findFaults(engine: Engine, founder: Founder): Promise<string[]> {
  const { storeId, rows, entries } = await dumpEngine(engine, COLLECTIONS)
  const sealer = createSealer(founder.keyring, storeId, founder.options.random)
  const { roster } = await engine.read((snapshot) => readRoster(snapshot, sealer, null))
  const faults: string[] = []
  let previous = { seq: 0, hash: genesisHash(storeId) }
  for (const [i, entry] of entries.entries()) {
    // A covered entry has no signature: the next signed entry must be by the same operator.
    const signed = entries.slice(i).find(({ signature }) => signature.length > 0)
    const signer = findMember(roster, encodeHex(entry.operatorId))
    const isOwn = signed !== undefined && encodeHex(signed.operatorId) === encodeHex(entry.operatorId)
    const check = () =>
      signed === entry
        ? checkEntry(hex(signer?.signKey ?? ''), storeId, previous, entry)
        : checkPlace(storeId, previous, entry)
    const broken = signer === undefined || !isOwn ? 'signer' : check()
    if (broken !== null) faults.push(`entry ${entry.seq}: ${broken}`)
    previous = entry
  }
  const key = founder.keyring.directory?.at(-1)?.key as Uint8Array
  if (encodeHex(entries.at(-1)?.digest ?? new Uint8Array(0)) !== digestRows(key, storeId, rows)) faults.push('digest')
  return faults
}

/** Σ SHAKE256(digest key ‖ LP(collection) ‖ LP(id) ‖ each sealed part after its length) mod 2^2048, in hex. */
function digestRows(directoryKey: Uint8Array, storeId: Uint8Array, rows: readonly StoredRow[]): string {
  const key = new Uint8Array(hkdfSync('sha256', directoryKey, storeId, 'keydesk/store/1/digest', 32))
  let sum = 0n
  for (const { collection, id, listed, secret } of rows) {
    const name = Buffer.from(collection)
    const element = createHash('shake256', { outputLength: 256 })
      .update(key)
      .update(Uint8Array.of(0, name.length))
      .update(name)
      .update(Uint8Array.of(0, id.length))
      .update(id)
    for (const part of secret === null ? [listed] : [listed, secret]) element.update(`${part.length}:`).update(part)
    sum = BigInt.asUintN(2048, sum + BigInt(`0x${element.digest('hex')}`))
  }
  return sum.toString(16).padStart(512, '0')
}
