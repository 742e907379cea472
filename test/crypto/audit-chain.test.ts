/**
 * The audit chain.
 * - The check finds every edited field, every entry that was cut out or moved, and every foreign signature.
 * - It names the reason: order, hash or signature.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ChainedEntry,
  chainEntry,
  checkEntry,
  checkPlace,
  coverEntry,
  createEntryVerifier,
  type EntryContent,
  genesisHash,
  hashEntry,
  isCovered,
} from '../../src/crypto/audit-chain.ts'
import { DIGEST_BYTES } from '../../src/crypto/section.ts'
import { derivePublicKey, signMessage } from '../../src/crypto/signature.ts'
import { counting, filled, flipBit, hex, toHex, utf8 } from './fixtures.ts'

const storeId = counting(0x50, 16)
const seed = filled(32, 1)
const publicKey = derivePublicKey(seed)
const otherSeed = filled(32, 2)
const genesis = { seq: 0, hash: genesisHash(storeId) }

const contentOf = (seq: number): EntryContent => ({
  seq,
  operatorId: counting(0xb0, 16),
  generation: 1,
  digest: filled(DIGEST_BYTES, seq),
  body: utf8(`what happened at ${seq}`),
})

function chainOf(length: number): ChainedEntry[] {
  const entries: ChainedEntry[] = []
  for (let seq = 1; seq <= length; seq++) {
    entries.push(chainEntry(seed, storeId, entries.at(-1)?.hash ?? genesis.hash, contentOf(seq)))
  }
  return entries
}

/** The first entry that fails the check, and the reason; null if every entry passes. */
function firstFault(entries: readonly ChainedEntry[], key = publicKey, store = storeId) {
  let previous: { seq: number; hash: Uint8Array } = { seq: 0, hash: genesisHash(store) }
  for (const [at, entry] of entries.entries()) {
    const why = checkEntry(key, store, previous, entry)
    if (why !== null) return { at, why }
    previous = entry
  }
  return null
}

const chain = chainOf(5)
const third = chain[2] as ChainedEntry
const withThird = (change: Partial<ChainedEntry>) => chain.with(2, { ...third, ...change })
/** The third entry as a forger would make it: changed, hashed again, and signed with `signing`. */
const rehashed = (previous: Uint8Array, change: Partial<EntryContent>, signing = seed): ChainedEntry =>
  chainEntry(signing, storeId, previous, { ...third, ...change })

test('an unchanged chain passes the check', () => {
  expect(firstFault(chain)).toBeNull()
})

test('the hash is SHA-256 of the fields in their order', () => {
  const message = Buffer.concat([
    utf8('keydesk/audit/1\0'),
    storeId,
    genesis.hash,
    hex('0000000000000001'),
    counting(0xb0, 16),
    hex('00000001'),
    filled(DIGEST_BYTES, 1),
    hex('00000012'),
    utf8('what happened at 1'),
  ])
  const first = chain[0] as ChainedEntry
  expect(toHex(first.hash)).toBe(createHash('sha256').update(message).digest('hex'))
  expect(toHex(first.signature)).toBe(toHex(signMessage(seed, 'keydesk/audit/1', first.hash)))
  const before = createHash('sha256').update('keydesk/audit/1/genesis\0').update(storeId).digest('hex')
  expect(toHex(genesis.hash)).toBe(before)
})

describe('an edited entry is found', () => {
  const edits: [string, Partial<ChainedEntry>, 'order' | 'hash' | 'signature'][] = [
    ['seq, up', { seq: 4 }, 'order'],
    ['seq, down', { seq: 2 }, 'order'],
    ['operator', { operatorId: flipBit(third.operatorId, 15) }, 'hash'],
    ['generation', { generation: 2 }, 'hash'],
    ['digest', { digest: flipBit(third.digest, 255) }, 'hash'],
    ['body', { body: flipBit(third.body, 0) }, 'hash'],
    ['body, longer', { body: Uint8Array.of(...third.body, 0) }, 'hash'],
    ['body, empty', { body: new Uint8Array(0) }, 'hash'],
    ['hash', { hash: flipBit(third.hash, 31) }, 'hash'],
    ['hash, shorter', { hash: third.hash.subarray(0, 31) }, 'hash'],
    ['signature', { signature: flipBit(third.signature, 0) }, 'signature'],
    ['signature, shorter', { signature: third.signature.subarray(0, 63) }, 'signature'],
    ['signature of another entry', { signature: (chain[1] as ChainedEntry).signature }, 'signature'],
  ]
  test.each(edits)('in its %s', (_, change, why) => {
    expect(firstFault(withThird(change))).toEqual({ at: 2, why })
  })

  test('at any bit of its bytes', () => {
    for (const field of ['operatorId', 'digest', 'body', 'hash', 'signature'] as const) {
      for (let at = 0; at < third[field].length; at++) {
        const why = field === 'signature' ? 'signature' : 'hash'
        expect(firstFault(withThird({ [field]: flipBit(third[field], at, at % 8) }))).toEqual({ at: 2, why })
      }
    }
  })

  test('when it was hashed again without the key to sign it', () => {
    const forged = rehashed((chain[1] as ChainedEntry).hash, { body: utf8('nothing happened') })
    expect(firstFault(withThird({ ...forged, signature: third.signature }))).toEqual({ at: 2, why: 'signature' })
  })

  test('when its own operator signed it again: the next entry does not follow it', () => {
    const forged = rehashed((chain[1] as ChainedEntry).hash, { body: utf8('nothing happened') })
    expect(firstFault(withThird(forged))).toEqual({ at: 3, why: 'hash' })
  })

  test('when another operator signed it', () => {
    const forged = rehashed((chain[1] as ChainedEntry).hash, {}, otherSeed)
    expect(firstFault(withThird(forged))).toEqual({ at: 2, why: 'signature' })
    expect(toHex(forged.hash)).toBe(toHex(third.hash))
  })
})

describe('a moved entry is found', () => {
  test('when it was cut out', () => {
    for (let at = 0; at < 4; at++) expect(firstFault(chain.toSpliced(at, 1))).toEqual({ at, why: 'order' })
  })

  test('when it was cut out and the rest renumbered', () => {
    const renumbered = chain.toSpliced(1, 1).map((entry, at) => ({ ...entry, seq: at + 1 }))
    expect(firstFault(renumbered)).toEqual({ at: 1, why: 'hash' })
  })

  test('when two entries were swapped, renumbered or not', () => {
    const [second, fourth] = [chain[1] as ChainedEntry, chain[3] as ChainedEntry]
    expect(firstFault(chain.with(1, fourth).with(3, second))).toEqual({ at: 1, why: 'order' })
    expect(firstFault(chain.with(1, { ...fourth, seq: 2 }).with(3, { ...second, seq: 4 }))).toEqual({
      at: 1,
      why: 'hash',
    })
  })

  test('when it is there twice', () => {
    expect(firstFault(chain.toSpliced(2, 0, third))).toEqual({ at: 3, why: 'order' })
  })

  test('when it comes from a fork of the same length', () => {
    const fork = [chainEntry(seed, storeId, genesis.hash, { ...contentOf(1), body: utf8('another first') })]
    fork.push(chainEntry(seed, storeId, (fork[0] as ChainedEntry).hash, contentOf(2)))
    expect(firstFault(chain.with(1, fork[1] as ChainedEntry))).toEqual({ at: 1, why: 'hash' })
  })

  test('when all entries were moved to another store', () => {
    expect(firstFault(chain, publicKey, flipBit(storeId, 0))).toEqual({ at: 0, why: 'hash' })
  })

  test('except when the newest entries were cut off, which a chain cannot show by itself', () => {
    expect(firstFault(chain.slice(0, 3))).toBeNull()
  })
})

test('a key of small order is refused, because anyone can sign under it', () => {
  const nobody = hex('0100000000000000000000000000000000000000000000000000000000000000')
  const forged = { ...(chain[0] as ChainedEntry), signature: Uint8Array.of(1, ...new Uint8Array(63)) }
  expect(checkEntry(nobody, storeId, genesis, forged)).toBe('signature')
})

test('two different contents never have the same hash', () => {
  const content = fc.record({
    seq: fc.maxSafeNat(),
    operatorId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    generation: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    digest: fc.uint8Array({ minLength: DIGEST_BYTES, maxLength: DIGEST_BYTES }),
    body: fc.uint8Array({ maxLength: 40 }),
  })
  const show = (e: EntryContent) =>
    JSON.stringify([e.seq, toHex(e.operatorId), e.generation, toHex(e.digest), toHex(e.body)])
  fc.assert(
    fc.property(content, content, (a, b) => {
      const same = show(a) === show(b)
      expect(toHex(hashEntry(storeId, genesis.hash, a)) === toHex(hashEntry(storeId, genesis.hash, b))).toBe(same)
      const chained = chainEntry(seed, storeId, genesis.hash, a)
      expect(checkEntry(publicKey, storeId, { seq: a.seq - 1, hash: genesis.hash }, chained)).toBeNull()
    }),
  )
})

describe('an argument of a wrong length or range is refused by name', () => {
  test.each<[string, Partial<EntryContent>]>([
    ['operator id: 16 bytes expected', { operatorId: filled(15, 1) }],
    ['digest: 256 bytes expected', { digest: filled(32, 1) }],
    ['seq: an unsigned integer of 53 bits expected', { seq: -1 }],
    ['seq: an unsigned integer of 53 bits expected', { seq: 2 ** 53 }],
    ['generation: an unsigned integer of 32 bits expected', { generation: 2 ** 32 }],
  ])('%s', (message, change) => {
    expect(() => hashEntry(storeId, genesis.hash, { ...contentOf(1), ...change })).toThrow(message)
  })

  test('the store id and the previous hash', () => {
    expect(() => genesisHash(filled(15, 1))).toThrow('store id: 16 bytes expected')
    expect(() => hashEntry(filled(15, 1), genesis.hash, contentOf(1))).toThrow('store id: 16 bytes expected')
    expect(() => hashEntry(storeId, filled(31, 1), contentOf(1))).toThrow('previous hash: 32 bytes expected')
  })
})

describe('an entry whose place and signature are checked separately', () => {
  const verifier = createEntryVerifier(publicKey)

  test('passes both checks if it passes the combined check', async () => {
    let previous: { seq: number; hash: Uint8Array } = genesis
    for (const entry of chain) {
      expect(checkPlace(storeId, previous, entry)).toBeNull()
      expect(await verifier(entry)).toBe(true)
      previous = entry
    }
  })

  test('fails the check of its place in any other place', () => {
    const first = chain[0] as ChainedEntry
    expect(checkPlace(storeId, first, third)).toBe('order')
    expect(checkPlace(counting(0x51, 16), chain[1] as ChainedEntry, third)).toBe('hash')
    expect(checkPlace(storeId, chain[1] as ChainedEntry, { ...third, body: utf8('another') })).toBe('hash')
  })

  test('fails the check of its signature under any other key', async () => {
    expect(await verifier(rehashed((chain[1] as ChainedEntry).hash, {}, otherSeed))).toBe(false)
    expect(await createEntryVerifier(derivePublicKey(otherSeed))(third)).toBe(false)
  })
})

describe('a covered entry', () => {
  const { digest: _, ...content } = contentOf(1)
  const covered = coverEntry(storeId, genesis.hash, content)
  const covering = chainEntry(seed, storeId, covered.hash, contentOf(2))

  test('has neither digest nor signature, and its hash has its own label', () => {
    expect(isCovered(covered)).toBe(true)
    expect(isCovered(covering)).toBe(false)
    const message = Buffer.concat([
      utf8('keydesk/audit/1/covered\0'),
      storeId,
      genesis.hash,
      hex('0000000000000001'),
      counting(0xb0, 16),
      hex('00000001'),
      hex(content.body.length.toString(16).padStart(8, '0')),
      content.body,
    ])
    expect(toHex(covered.hash)).toBe(createHash('sha256').update(message).digest('hex'))
  })

  test('passes the check of its place, and proves nothing without a later signature', () => {
    expect(checkPlace(storeId, genesis, covered)).toBeNull()
    expect(checkEntry(publicKey, storeId, genesis, covered)).toBe('signature')
    expect(checkEntry(publicKey, storeId, covered, covering)).toBeNull()
  })

  test('cannot be changed under the entry that covers it or gain a digest; a signed entry cannot lose one', () => {
    const other = coverEntry(storeId, genesis.hash, { ...content, body: utf8('another') })
    expect(checkEntry(publicKey, storeId, other, covering)).toBe('hash')
    expect(checkPlace(storeId, genesis, { ...covered, digest: filled(DIGEST_BYTES, 0) })).toBe('hash')
    const signed = chainEntry(seed, storeId, genesis.hash, contentOf(1))
    expect(checkPlace(storeId, genesis, { ...signed, digest: new Uint8Array(0) })).toBe('hash')
    expect(() => hashEntry(storeId, genesis.hash, { ...contentOf(1), digest: filled(31, 0) })).toThrow(/^digest: /)
  })
})
