/**
 * Our own vectors, `test/vectors/*.json`: each file has one defect, and the class of refusal that it must get.
 * `docs/vectors.md` describes the format. The values were computed once and are checked in.
 * A change of the core that changes a value changes the format.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkEntry } from '../../src/crypto/audit-chain.ts'
import { isGenuine } from '../../src/crypto/codes.ts'
import { decodeInvitation } from '../../src/crypto/invitation.ts'
import { asDeviceSecret, deriveSubkey } from '../../src/crypto/keys.ts'
import { derivePin, type PinAudience } from '../../src/crypto/pin.ts'
import { deriveCollectionKey, openAsOperator, openRecord } from '../../src/crypto/seal.ts'
import {
  blindIndex,
  DIGEST_BYTES,
  deriveDigestKey,
  deriveIndexKey,
  digestRow,
  updateDigest,
} from '../../src/crypto/section.ts'
import { openSlot, type SlotKind } from '../../src/crypto/slot.ts'
import { parseSpoken, type SpokenKind } from '../../src/crypto/spoken.ts'
import { codeOf, hex, toHex, VECTORS } from './fixtures.ts'

type Outcome = { expect: string; result?: unknown }
type Vector = Outcome & { comment: string; operation: keyof typeof OPERATIONS; inputs: never }

const opened = (name: string, bytes: Uint8Array | null): Outcome =>
  bytes === null ? { expect: 'refused' } : { expect: 'ok', result: { [name]: toHex(bytes) } }

const OPERATIONS = {
  parseSpoken(v: { input: string; kind: SpokenKind }): Outcome {
    const parsed = parseSpoken(v.input, v.kind)
    if (parsed.ok) return { expect: 'ok', result: { code: parsed.code } }
    if (parsed.why !== 'check') {
      const { ok, why, ...result } = parsed
      return { expect: why, result }
    }
    if (parsed.proposal === null) return { expect: 'check', result: { proposal: null } }
    return { expect: 'check', result: { proposal: parsed.proposal.code, corrections: parsed.proposal.corrections } }
  },

  isGenuine(v: { secret: string; id: string; code: string }): Outcome {
    const genuine = isGenuine(asDeviceSecret(hex(v.secret)), hex(v.id), codeOf(v.code, 'reset'))
    return { expect: genuine ? 'ok' : 'rejected' }
  },

  openSlot(v: { kind: SlotKind; logN: number; p: string; ctx: string; slot: string }): Outcome {
    const slot = openSlot(hex(v.p), hex(v.slot), { kind: v.kind, context: hex(v.ctx), logN: v.logN })
    return slot.ok ? { expect: 'ok', result: { payload: toHex(slot.payload) } } : { expect: slot.why }
  },

  decodeInvitation(v: { invitation: string }): Outcome {
    const decoded = decodeInvitation(v.invitation)
    if (decoded === null) return { expect: 'malformed' }
    return { expect: 'ok', result: { ...decoded, id: toHex(decoded.id), slot: toHex(decoded.slot) } }
  },

  derivePin(v: { secret: string; id: string; audience: PinAudience; minute: number; user: string }): Outcome {
    const id = hex(v.id)
    const key = deriveSubkey(asDeviceSecret(hex(v.secret)), id, 'pin')
    return {
      expect: 'ok',
      result: { pin: derivePin(key, { id, audience: v.audience, minute: v.minute, user: v.user }) },
    }
  },

  openRecord(v: {
    sectionKey: string
    storeId: string
    section: string
    generation: number
    collection: string
    id: string
    sealed: string
  }): Outcome {
    const { section, generation, collection } = v
    const key = deriveCollectionKey(hex(v.sectionKey), { storeId: hex(v.storeId), section, generation, collection })
    return opened('record', openRecord(key, hex(v.sealed), hex(v.id)))
  },

  openAsOperator(v: { secretKey: string; sealed: string }): Outcome {
    return opened('message', openAsOperator(hex(v.secretKey), hex(v.sealed)))
  },

  blindIndex(v: { sectionKey: string; storeId: string; name: string; value: string }): Outcome {
    return opened('index', blindIndex(deriveIndexKey(hex(v.sectionKey), hex(v.storeId)), v.name, v.value))
  },

  updateDigest(v: {
    sectionKey: string
    storeId: string
    rows: { collection: string; id: string; sealed: string[] }[]
  }): Outcome {
    const key = deriveDigestKey(hex(v.sectionKey), hex(v.storeId))
    const rows = v.rows.map((row) => digestRow(key, row.collection, hex(row.id), row.sealed.map(hex)))
    return opened('digest', updateDigest(new Uint8Array(DIGEST_BYTES), [], rows))
  },

  checkEntry(v: {
    publicKey: string
    storeId: string
    previous: { seq: number; hash: string }
    entry: {
      seq: number
      operatorId: string
      generation: number
      digest: string
      body: string
      hash: string
      signature: string
    }
  }): Outcome {
    const { seq, generation, ...bytes } = v.entry
    const entry = {
      seq,
      generation,
      operatorId: hex(bytes.operatorId),
      digest: hex(bytes.digest),
      body: hex(bytes.body),
      hash: hex(bytes.hash),
      signature: hex(bytes.signature),
    }
    const previous = { seq: v.previous.seq, hash: hex(v.previous.hash) }
    return { expect: checkEntry(hex(v.publicKey), hex(v.storeId), previous, entry) ?? 'ok' }
  },
}

const FILES = readdirSync(VECTORS).filter((name) => name.endsWith('.json'))
const vectors = FILES.map((file) => ({
  file,
  vector: JSON.parse(readFileSync(new URL(file, VECTORS), 'utf8')) as Vector,
}))

test.each(vectors)('$file: $vector.expect', ({ vector }) => {
  const { operation, inputs, expect: wanted, result } = vector
  expect(OPERATIONS[operation](inputs)).toEqual(result === undefined ? { expect: wanted } : { expect: wanted, result })
})

describe('all vectors together', () => {
  test('contain every operation with every class of its results', () => {
    const classes: Record<string, Set<string>> = {}
    for (const { vector } of vectors) {
      classes[vector.operation] ??= new Set()
      classes[vector.operation]?.add(vector.expect)
    }
    expect(Object.fromEntries(Object.entries(classes).map(([name, set]) => [name, [...set].sort()]))).toEqual({
      blindIndex: ['ok'],
      checkEntry: ['hash', 'ok', 'order', 'signature'],
      decodeInvitation: ['malformed', 'ok'],
      derivePin: ['ok'],
      isGenuine: ['ok', 'rejected'],
      openAsOperator: ['ok', 'refused'],
      openRecord: ['ok', 'refused'],
      openSlot: ['damaged', 'malformed', 'ok', 'wrong'],
      parseSpoken: ['character', 'check', 'kind', 'length', 'ok'],
      updateDigest: ['ok'],
    })
  })

  test('each have a comment that explains the defect, and contain only ASCII', () => {
    for (const { file, vector } of vectors) {
      expect(vector.comment, file).toMatch(/^[A-Z0-9].*\.$/)
      expect(readFileSync(new URL(file, VECTORS), 'latin1'), file).toMatch(/^[\n -~]*$/)
    }
  })
})
