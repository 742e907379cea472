/**
 * Keeps `docs/specification.md` correct.
 * - Every value of its worked example is computed here: with the core if it has a function, otherwise by other means.
 * - Every number of bytes in its tables is measured.
 */
import { createHash, createHmac, scryptSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hsalsa } from '@noble/ciphers/salsa.js'
import nacl from 'tweetnacl'
import { expect, test } from 'vitest'
import { chainEntry, checkEntry, coverEntry, genesisHash } from '../../src/crypto/audit-chain.ts'
import { encodeCheckpoint } from '../../src/crypto/checkpoint.ts'
import {
  deriveConfirmationCode,
  deriveDeskWordNumbers,
  deriveDeskWords,
  deriveResetCode,
} from '../../src/crypto/codes.ts'
import { alphaLog, alphaPower, divide } from '../../src/crypto/field.ts'
import { authenticate } from '../../src/crypto/hmac.ts'
import { encodeInvitation } from '../../src/crypto/invitation.ts'
import { encodeJoinRequest, fingerprintWords } from '../../src/crypto/join.ts'
import { asDeviceSecret, deriveSubkey, encodeDeviceState } from '../../src/crypto/keys.ts'
import { derivePin, findPinMinute, normalizeUser } from '../../src/crypto/pin.ts'
import { commitToKey, deriveStoreId, hashStatement, rosterGenesis, signStatement } from '../../src/crypto/roster.ts'
import {
  deriveBoxKeys,
  deriveCollectionKey,
  openAsOperator,
  openRecord,
  sealRecord,
  sealToOperator,
} from '../../src/crypto/seal.ts'
import {
  blindIndex,
  DIGEST_BYTES,
  deriveDigestKey,
  deriveIndexKey,
  deriveStoreKey,
  digestRow,
  updateDigest,
} from '../../src/crypto/section.ts'
import { derivePublicKey } from '../../src/crypto/signature.ts'
import { openSlot, sealSlot } from '../../src/crypto/slot.ts'
import {
  ALPHABET,
  CODE_LENGTH,
  DATA_LENGTH,
  encodeSpoken,
  parseSpoken,
  type SpokenCode,
  stripHyphens,
} from '../../src/crypto/spoken.ts'
import { bip39English } from '../../src/crypto/words.ts'
import { counting, filled, hex, type InvitationVector, multiplySlowly, sharedVectors, toHex, utf8 } from './fixtures.ts'

const TEXT = readFileSync(new URL('../../docs/specification.md', import.meta.url), 'utf8')

/** Each `name = value` of the blocks marked `values`. A line that begins with two spaces continues the line before. */
function readValues(text: string): [string, string][] {
  const blocks = Array.from(text.matchAll(/^```values\n(.*?)^```$/gms), (match) => match[1] as string)
  const lines = blocks.flatMap((block) => block.replaceAll('\n  ', '').trimEnd().split('\n'))
  return lines.map((line) => {
    const at = line.indexOf(' = ')
    return [line.slice(0, at), line.slice(at + 3)]
  })
}

/** The table rows whose first cell is the name of a value: the name, and the number of bytes in the second cell. */
const readLayouts = (text: string): [string, number][] =>
  Array.from(text.matchAll(/^\| `([\w.]+)` \| (\d+) \|/gm), (match) => [match[1] as string, Number(match[2])])

const bitsOf = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(2).padStart(8, '0')).join('')
const inFives = (bits: string): string => (bits.match(/.{5}/g) ?? []).join(' ')
const word = (value: number): string => `0x${value.toString(16).padStart(3, '0')}`
const concat = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
const LP = (bytes: Uint8Array): Uint8Array => concat(Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes)
const symbolsOf = (text: string): number[] => [...text].map((s) => Math.max(ALPHABET.indexOf(s), 0))

/** The pseudo-code of the specification's §1. */
function polymod(symbols: readonly number[]): number {
  let r = 0
  for (const v of symbols) {
    const b = r >> 5
    r = ((r & 31) << 5) ^ v
    for (const [i, g] of [0x0c8, 0x190, 0x305, 0x2aa, 0x1f4].entries()) if ((b >> i) & 1) r ^= g
  }
  return r
}

const CONSTANTS = { reset: 0x022, confirm: 0x044, enrol: 0x066 }

const secret = asDeviceSecret(counting(0, 32))
const device = { id: counting(0xa0, 16), tag: 22_391_381, epoch: 7 }
const M = encodeDeviceState(device)
const keyOf = (label: 'reset' | 'confirm' | 'words' | 'pin') => deriveSubkey(secret, device.id, label)
const macOf = (label: 'reset' | 'confirm' | 'words') => authenticate(keyOf(label), M)

/** The check of a code by the pseudo-code: the result of polymod, and that result XOR the constant of the kind. */
function explainCheck(name: string, code: SpokenCode, kind: keyof typeof CONSTANTS) {
  const plain = polymod([...symbolsOf(stripHyphens(code).slice(0, 13)), 0, 0])
  return {
    [`${name}.polymod`]: word(plain),
    [`${name}.check`]: word(plain ^ CONSTANTS[kind]),
    [`${name}.check.symbols`]: stripHyphens(code).slice(13),
    [`${name}.code`]: code,
  }
}

function explainCodes() {
  const numbers = deriveDeskWordNumbers(secret, device)
  const reset = deriveResetCode(secret, device)
  const confirmation = deriveConfirmationCode(secret, device)
  return {
    'device.secret': toHex(secret),
    'device.id': toHex(device.id),
    'device.tag': device.tag,
    'device.epoch': device.epoch,
    'key.reset': toHex(keyOf('reset')),
    'key.confirm': toHex(keyOf('confirm')),
    'key.words': toHex(keyOf('words')),
    'key.pin': toHex(keyOf('pin')),
    'state.M': toHex(M),
    'reset.mac': toHex(macOf('reset')),
    'reset.mac.bits': inFives(bitsOf(macOf('reset')).slice(0, 25)),
    'reset.tag.bits': inFives(device.tag.toString(2).padStart(25, '0')),
    'reset.epoch.bits': inFives(device.epoch.toString(2).padStart(15, '0')),
    'reset.data': symbolsOf(stripHyphens(reset).slice(0, 13)).join(' '),
    'reset.data.symbols': stripHyphens(reset).slice(0, 13),
    ...explainCheck('reset', reset, 'reset'),
    'confirm.mac': toHex(macOf('confirm')),
    'confirm.data': inFives(bitsOf(macOf('confirm')).slice(0, 65))
      .split(' ')
      .map((b) => Number.parseInt(b, 2))
      .join(' '),
    ...explainCheck('confirm', confirmation, 'confirm'),
    'words.list.sha256': createHash('sha256')
      .update(
        bip39English()
          .map((w) => `${w}\n`)
          .join(''),
      )
      .digest('hex'),
    'words.mac': toHex(macOf('words')),
    'words.bits': `${bitsOf(macOf('words')).slice(0, 11)} ${bitsOf(macOf('words')).slice(11, 22)}`,
    'words.numbers': numbers.join(' '),
    'words.text': deriveDeskWords(secret, device).join(' '),
  }
}

function explainConstants() {
  const zeros = new Array(13).fill(0)
  const constantOf = (kind: keyof typeof CONSTANTS) => word(polymod(symbolsOf(stripHyphens(encodeSpoken(zeros, kind)))))
  const pairs = (CODE_LENGTH * (CODE_LENGTH - 1)) / 2
  return {
    'code.alphabet': ALPHABET,
    'code.symbols': CODE_LENGTH,
    'code.data': DATA_LENGTH,
    'code.reset': constantOf('reset'),
    'code.confirm': constantOf('confirm'),
    'code.enrol': constantOf('enrol'),
    'count.single': CODE_LENGTH * 31,
    'count.double': pairs * 31 * 31,
    ...countDoubles(),
  }
}

/** The syndromes S1 and S2 of a remainder. */
function syndromesOf(r: number): [number, number] {
  return [multiplySlowly(r >> 5, 2) ^ (r & 31), multiplySlowly(r >> 5, 4) ^ (r & 31)]
}

/** Counts the double mistakes whose remainder looks like a single mistake or like a code of another kind. */
function countDoubles() {
  const places = Array.from({ length: CODE_LENGTH }, (_, at) =>
    Array.from({ length: 31 }, (__, e) => polymod(new Array(CODE_LENGTH).fill(0).with(at, e + 1))),
  )
  const pairs = places.flatMap((first, i) => places.slice(i + 1).map((second) => [first, second] as const))
  const remainders = pairs.flatMap(([first, second]) => first.flatMap((a) => second.map((b) => a ^ b)))
  const isLocated = ([s1, s2]: [number, number]) => s1 !== 0 && s2 !== 0 && alphaLog(divide(s2, s1)) < CODE_LENGTH
  const others = [CONSTANTS.reset ^ CONSTANTS.confirm, CONSTANTS.reset ^ CONSTANTS.enrol]
  return {
    'count.double.located': remainders.filter((r) => isLocated(syndromesOf(r))).length,
    'count.double.other.kind': remainders.filter((r) => others.includes(r)).length,
  }
}

/** The syndromes of a reset code with one wrong or two unreadable symbols, and the correction by the core. */
function explainMistake(name: string, code: string) {
  const r = polymod(symbolsOf(code.replaceAll('-', ''))) ^ CONSTANTS.reset
  const [s1, s2] = syndromesOf(r)
  const parsed = parseSpoken(code, 'reset')
  if (parsed.ok || parsed.why !== 'check' || parsed.proposal === null) throw new Error('there is nothing to explain')
  const common = { [`${name}.code`]: code, [`${name}.remainder`]: word(r), [`${name}.s1`]: s1, [`${name}.s2`]: s2 }
  return { s1, s2, common, ...parsed.proposal }
}

function explainMistakes() {
  const heard = explainMistake('heard', 'NBAJN-00K37-8YWXP')
  const [wrong] = heard.corrections
  const gaps = explainMistake('gaps', 'NB?JN-00737-8YW?P')
  const [x, y] = gaps.corrections.map(({ at }) => alphaPower(14 - at)) as [number, number]
  const [e, f] = gaps.corrections.map(({ shouldBe }) => ALPHABET.indexOf(shouldBe)) as [number, number]
  // The two equations that the specification solves.
  expect(multiplySlowly(e, x) ^ multiplySlowly(f, y)).toBe(gaps.s1)
  expect(multiplySlowly(e, multiplySlowly(x, x)) ^ multiplySlowly(f, multiplySlowly(y, y))).toBe(gaps.s2)
  return {
    ...heard.common,
    'heard.power': alphaLog(divide(heard.s2, heard.s1)),
    'heard.at': wrong?.at,
    'heard.error': ALPHABET.indexOf(wrong?.heard as string) ^ ALPHABET.indexOf(wrong?.shouldBe as string),
    'heard.symbol': wrong?.shouldBe,
    'heard.proposal': heard.code,
    ...gaps.common,
    'gaps.x': x,
    'gaps.y': y,
    'gaps.e': e,
    'gaps.f': f,
    'gaps.proposal': gaps.code,
  }
}

function explainSlot() {
  const typed = utf8(stripHyphens(deriveConfirmationCode(secret, device)))
  const salt = counting(0x10, 16)
  const payload = counting(0xd0, 32)
  const bound = concat(utf8('keydesk/v1/slot\0'), Uint8Array.of(2), M, salt)
  const okm = scryptSync(typed, bound, 64, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 })
  const slot = sealSlot(typed, payload, { kind: 'recovery', context: M, salt, logN: 17 })
  return {
    'slot.typed': new TextDecoder().decode(typed),
    'slot.context': toHex(M),
    'slot.salt': toHex(salt),
    'slot.scrypt.salt': toHex(bound),
    'slot.okm': toHex(okm),
    'slot.payload': toHex(payload),
    'slot.version': '01',
    'slot.kind': '02',
    'slot.logN': '11',
    'slot.commit': toHex(okm.subarray(32)),
    'slot.box': toHex(nacl.secretbox(payload, new Uint8Array(24), okm.subarray(0, 32))),
    'slot.whole': toHex(slot),
    'slot.bytes': slot.length,
  }
}

function explainInvitation() {
  const enrolmentCode = '26GW8-MDRHC-BX266' as SpokenCode<'enrol'>
  const salt = hex('fef65b59c86cc8e96db485155f748cc4')
  const seal = { kind: 'enrolment', context: device.id, salt, logN: 17 } as const
  const slot = sealSlot(utf8(stripHyphens(enrolmentCode)), secret, seal)
  const names = { organisation: 'R\u00f6ntgen AG', user: 'zo\u00eb@example.ch' }
  const text = encodeInvitation({ id: device.id, tag: device.tag, slot, ...names, pinAllowed: false })
  const [shared] = sharedVectors<InvitationVector>('invitations')
  expect([shared?.invitation, shared?.enrolmentCode]).toEqual([text, enrolmentCode])
  const parts = {
    'invitation.version': '01',
    'invitation.flags': '00',
    'invitation.id': toHex(device.id),
    'invitation.tag': device.tag.toString(16).padStart(8, '0'),
    'invitation.slot': toHex(slot),
    'invitation.organisation': toHex(LP(utf8(names.organisation))),
    'invitation.user': toHex(LP(utf8(names.user))),
  }
  const whole = Buffer.from(Object.values(parts).join(''), 'hex')
  expect(text).toBe(`keydesk:enrol/1/${whole.toString('base64url')}`)
  return {
    'enrolment.code': enrolmentCode,
    'enrolment.salt': toHex(salt),
    ...parts,
    'invitation.bytes': whole.length,
    'invitation.text': text,
  }
}

/** The minute of a PIN that is typed after the minute has wrapped at 10,000. The core finds the same minute. */
function explainPinCheck() {
  const [pin, ttl, now] = ['9958123456', 1440, 29_880_003]
  const newest = now + 5
  const back = (((newest - Number(pin.slice(0, 4))) % 10_000) + 10_000) % 10_000
  const minute = newest - back
  expect(findPinMinute(pin, now, ttl)).toBe(minute)
  expect(findPinMinute(pin, minute + ttl, ttl)).toBe(minute)
  expect(findPinMinute(pin, minute + ttl + 1, ttl)).toBeNull()
  return {
    'check.pin': pin,
    'check.ttl': ttl,
    'check.now': now,
    'check.newest': newest,
    'check.back': back,
    'check.minute': minute,
    'check.oldest.good': now - ttl,
    'check.first.expired.now': minute + ttl + 1,
  }
}

function explainPins() {
  const minute = 29_863_512
  const message = concat(Uint8Array.of(1), device.id, hex(minute.toString(16).padStart(8, '0')), LP(utf8('alice')))
  const mac = authenticate(keyOf('pin'), message)
  const number = Buffer.from(mac).readBigUInt64BE(0)
  const typed = '  J\u030cAN '
  const nfc = typed.trim().normalize('NFC')
  const pinOf = (user: string) => derivePin(keyOf('pin'), { id: device.id, audience: 'device', minute, user })
  const step = Math.floor(59 / 30)
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const totp = createHmac('sha1', '12345678901234567890').update(counter).digest()
  const offset = (totp.at(-1) as number) & 15
  return {
    'pin.user': 'alice',
    'pin.minute': minute,
    'pin.message': toHex(message),
    'pin.mac': toHex(mac),
    'pin.u64': number,
    'pin.minute.digits': String(minute % 10_000).padStart(4, '0'),
    'pin.mac.digits': String(number % 1_000_000n).padStart(6, '0'),
    'pin.code': pinOf('alice'),
    'user.typed': toHex(utf8(typed)),
    'user.nfc': toHex(utf8(nfc)),
    'user.lower': toHex(utf8(nfc.toLowerCase())),
    'user.normal': toHex(utf8(normalizeUser(typed))),
    'user.pin': pinOf(typed),
    ...explainPinCheck(),
    'totp.secret': toHex(utf8('12345678901234567890')),
    'totp.seconds': 59,
    'totp.step': step,
    'totp.hmac': totp.toString('hex'),
    'totp.offset': offset,
    'totp.code': String((totp.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0'),
  }
}

const storeId = counting(0x50, 16)
const sectionKey = counting(0x20, 32)
const nonce = counting(0, 24)
const recordPlain = '{"name":"iPad"}'
const collectionKey = deriveCollectionKey(sectionKey, {
  storeId,
  section: 'directory',
  generation: 1,
  collection: 'device',
})
const record = sealRecord(collectionKey, utf8(recordPlain), device.id, nonce)

function explainSealing() {
  const info = concat(utf8('keydesk/store/1/records'), LP(utf8('directory')), hex('00000001'), LP(utf8('device')))
  expect(toHex(collectionKey)).toBe(toHex(deriveStoreKey(sectionKey, storeId, info)))
  // HSalsa20 by another library.
  const words = (bytes: Uint8Array) => new Uint32Array(bytes.slice().buffer)
  const made = new Uint32Array(8)
  hsalsa(words(utf8('expand 32-byte k')), words(collectionKey), words(device.id), made)
  const recordKey = new Uint8Array(made.buffer)
  expect(toHex(record)).toBe(`01${toHex(nonce)}${toHex(nacl.secretbox(utf8(recordPlain), nonce, recordKey))}`)
  expect(openRecord(collectionKey, record, device.id)).toEqual(utf8(recordPlain))
  const operator = deriveBoxKeys(counting(0x40, 32))
  const ephemeral = deriveBoxKeys(counting(0x60, 32))
  const sealed = sealToOperator(operator.publicKey, sectionKey, ephemeral.secretKey, nonce)
  expect(openAsOperator(operator.secretKey, sealed)).toEqual(sectionKey)
  return {
    'store.id': toHex(storeId),
    'section.key': toHex(sectionKey),
    'record.plain': recordPlain,
    'record.info': toHex(info),
    'collection.key': toHex(collectionKey),
    'record.id': toHex(device.id),
    'record.key': toHex(recordKey),
    'record.nonce': toHex(nonce),
    'record.sealed': toHex(record),
    'operator.secret': toHex(operator.secretKey),
    'operator.public': toHex(operator.publicKey),
    'ephemeral.secret': toHex(ephemeral.secretKey),
    'ephemeral.public': toHex(ephemeral.publicKey),
    'operator.shared': toHex(nacl.scalarMult(operator.secretKey, ephemeral.publicKey)),
    'operator.key': toHex(nacl.box.before(ephemeral.publicKey, operator.secretKey)),
    'operator.nonce': toHex(nonce),
    'operator.sealed': toHex(sealed),
    'index.key': toHex(deriveIndexKey(sectionKey, storeId)),
    'index.message': toHex(concat(LP(utf8('tag')), utf8('22391381'))),
    'index.value': toHex(blindIndex(deriveIndexKey(sectionKey, storeId), 'tag', '22391381')),
  }
}

function explainChain() {
  const digestKey = deriveDigestKey(sectionKey, storeId)
  const messageOf = (collection: string, id: Uint8Array, sealed: Uint8Array) =>
    concat(LP(utf8(collection)), LP(id), utf8(`${sealed.length}:`), sealed)
  const [userId, other] = [counting(0xc0, 16), filled(41, 0x78)]
  const one = digestRow(digestKey, 'device', device.id, [record])
  const two = digestRow(digestKey, 'user', userId, [other])
  const digest = updateDigest(new Uint8Array(DIGEST_BYTES), [], [one, two])
  const ends = (name: string, bytes: Uint8Array) => ({
    [`${name}.first16`]: toHex(bytes.subarray(0, 16)),
    [`${name}.last16`]: toHex(bytes.subarray(-16)),
  })
  const seed = counting(1, 32)
  const [genesis, operatorId, body] = [genesisHash(storeId), counting(0xb0, 16), utf8('sealed')]
  const entry = chainEntry(seed, storeId, genesis, { seq: 1, operatorId, generation: 1, digest, body })
  expect(checkEntry(derivePublicKey(seed), storeId, { seq: 0, hash: genesis }, entry)).toBeNull()
  const before = concat(
    utf8('keydesk/audit/1\0'),
    storeId,
    genesis,
    hex('0000000000000001'),
    operatorId,
    hex('00000001'),
  )
  const after = concat(hex('00000006'), body)
  const checked = createHash('sha256')
    .update(concat(utf8('keydesk/checkpoint/1\0'), hex('0000000000000001'), entry.hash))
    .digest()
  expect(
    createHash('sha256')
      .update(concat(before, digest, after))
      .digest('hex'),
  ).toBe(toHex(entry.hash))
  return {
    'digest.key': toHex(digestKey),
    'row.one.message': toHex(messageOf('device', device.id, record)),
    ...ends('row.one', one),
    ...ends('row.two', two),
    ...ends('digest', digest),
    'digest.sha256': createHash('sha256').update(digest).digest('hex'),
    'digest.bytes': digest.length,
    'audit.seed': toHex(seed),
    'audit.public': toHex(derivePublicKey(seed)),
    'audit.genesis': toHex(genesis),
    'audit.seq': entry.seq,
    'audit.operator': toHex(operatorId),
    'audit.generation': entry.generation,
    'audit.body': toHex(body),
    'audit.before.digest': toHex(before),
    'audit.after.digest': toHex(after),
    'audit.hash': toHex(entry.hash),
    'audit.signature': toHex(entry.signature),
    ...explainCovered(before, after),
    'checkpoint.check': toHex(checked).slice(0, 6),
    'checkpoint.text': encodeCheckpoint(entry),
  }
}

/**
 * The entry above as a covered entry: without its digest, under the other label.
 * `before` and `after` are the bytes that were hashed around the digest.
 */
function explainCovered(before: Uint8Array, after: Uint8Array) {
  const label = utf8('keydesk/audit/1\0')
  const message = concat(utf8('keydesk/audit/1/covered\0'), before.subarray(label.length), after)
  const [operatorId, body] = [counting(0xb0, 16), utf8('sealed')]
  const entry = coverEntry(storeId, genesisHash(storeId), { seq: 1, operatorId, generation: 1, body })
  expect(createHash('sha256').update(message).digest('hex')).toBe(toHex(entry.hash))
  return { 'audit.covered.message': toHex(message), 'audit.covered.hash': toHex(entry.hash) }
}

function explainRoster() {
  const seed = counting(1, 32)
  const salt = counting(0xd0, 16)
  const founderKey = derivePublicKey(seed)
  const store = deriveStoreId(founderKey, salt)
  const genesis = rosterGenesis(store)
  const body = '{"kind":"policy","key":"caller.verification","value":"required"}'
  const statement = { seq: 1, signerId: counting(0xb0, 16), body }
  const signed = signStatement(seed, store, genesis, statement)
  const request = {
    operatorId: counting(0xb0, 16),
    boxKey: deriveBoxKeys(counting(0x40, 32)).publicKey,
    signKey: founderKey,
    name: 'anna',
  }
  const text = encodeJoinRequest(seed, request)
  return {
    'roster.salt': toHex(salt),
    'roster.store.id': toHex(store),
    'roster.genesis': toHex(genesis),
    'roster.body': body,
    'roster.hash': toHex(hashStatement(store, genesis, statement)),
    'roster.signature': toHex(signed.signature),
    'roster.commitment': toHex(commitToKey(counting(0x20, 32), 'directory', 1)),
    'join.request': text,
    'join.words': fingerprintWords(text).join(' '),
  }
}

const values = readValues(TEXT)
const written = Object.fromEntries(values)

test('the worked example contains exactly the computed values', () => {
  const computed = {
    ...explainConstants(),
    ...explainCodes(),
    ...explainMistakes(),
    ...explainSlot(),
    ...explainInvitation(),
    ...explainPins(),
    ...explainSealing(),
    ...explainChain(),
    ...explainRoster(),
  }
  expect(written).toEqual(Object.fromEntries(Object.entries(computed).map(([name, value]) => [name, String(value)])))
  expect(values, 'no name is used twice').toHaveLength(Object.keys(written).length)
})

test('the parts of a slot and of an invitation are as long as the tables say', () => {
  const layouts = readLayouts(TEXT)
  expect(layouts.map(([name]) => name)).toEqual([
    ...['version', 'kind', 'logN', 'salt', 'commit', 'box', 'whole'].map((part) => `slot.${part}`),
    ...['version', 'flags', 'id', 'tag', 'slot', 'organisation', 'user'].map((part) => `invitation.${part}`),
  ])
  for (const [name, bytes] of layouts) expect(hex(written[name] as string), name).toHaveLength(bytes)
  const joined = ['version', 'kind', 'logN', 'salt', 'commit', 'box'].map((part) => written[`slot.${part}`]).join('')
  expect(joined).toBe(written['slot.whole'])
})

test('the slot of the example opens with the confirmation code', () => {
  const parsed = parseSpoken(written['confirm.code'] as string, 'confirm')
  if (!parsed.ok) return expect.unreachable('the confirmation code of the example')
  const open = { kind: 'recovery', context: hex(written['state.M'] as string), logN: 17 } as const
  const opened = openSlot(utf8(stripHyphens(parsed.code)), hex(written['slot.whole'] as string), open)
  expect(opened).toEqual({ ok: true, payload: hex(written['slot.payload'] as string) })
})

test('the text gives the counted share of double mistakes that look like a single one', () => {
  const share = Number(written['count.double.located']) / Number(written['count.double'])
  expect(TEXT).toContain(`of all double mistakes, ${Math.round(share * 100)} % look like a single mistake`)
})
