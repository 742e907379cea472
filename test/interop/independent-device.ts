/**
 * A second device, written from the specification alone with other libraries (noble), without any code of src/.
 * If it and keydesk open each other's codes, the specification is sufficient.
 * It also reveals a mistake that the desk and the reference device share.
 */
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { scrypt } from '@noble/hashes/scrypt.js'
import { sha256 } from '@noble/hashes/sha2.js'

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const KIND = { reset: 0x022, confirm: 0x044, enrol: 0x066 }
const GEN = [0x0c8, 0x190, 0x305, 0x2aa, 0x1f4]
const text = (value: string) => new TextEncoder().encode(value)
const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

function polymod(symbols: number[]): number {
  let r = 0
  for (const v of symbols) {
    const b = r >> 5
    r = ((r & 31) << 5) ^ v
    for (let i = 0; i < 5; i++) if ((b >> i) & 1) r ^= GEN[i] as number
  }
  return r
}

/** The bits, most significant first, as a string of 0 and 1: slow, but simple. */
const bits = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
const toBits = (value: number, count: number) => value.toString(2).padStart(count, '0')

function speak(data: string, kind: keyof typeof KIND): string {
  const symbols = (data.match(/.{5}/g) as string[]).map((five) => Number.parseInt(five, 2))
  const check = polymod([...symbols, 0, 0]) ^ KIND[kind]
  const code = [...symbols, check >> 5, check & 31].map((v) => CROCKFORD[v]).join('')
  return code.replace(/(.{5})(.{5})(.{5})/, '$1-$2-$3')
}

function okm(typed: string, kind: number, context: Uint8Array, salt: Uint8Array): Uint8Array {
  const bound = join(text('keydesk/v1/slot\0'), Uint8Array.of(kind), context, salt)
  return scrypt(text(typed), bound, { N: 2 ** 17, r: 8, p: 1, dkLen: 64, maxmem: 2 ** 28 })
}

function openSlot(typed: string, kind: number, context: Uint8Array, slot: Uint8Array): Uint8Array | null {
  if (slot[0] !== 1 || slot[1] !== kind || slot[2] !== 17) return null
  const key = okm(typed, kind, context, slot.slice(3, 19))
  if (key.slice(32).join() !== slot.slice(19, 51).join()) return null
  return xsalsa20poly1305(key.slice(0, 32), new Uint8Array(24)).decrypt(slot.slice(51))
}

function sealSlot(typed: string, kind: number, context: Uint8Array, salt: Uint8Array, payload: Uint8Array): Uint8Array {
  const key = okm(typed, kind, context, salt)
  const box = xsalsa20poly1305(key.slice(0, 32), new Uint8Array(24)).encrypt(payload)
  return join(Uint8Array.of(1, kind, 17), salt, key.slice(32), box)
}

/** A device that stores only the data that §5 allows: no K while it is locked. */
export class IndependentDevice {
  readonly id: Uint8Array
  readonly tag: number
  epoch: number
  resetCode: string
  deskWords: [number, number]
  #recovery: Uint8Array

  /**
   * Enrols with the invitation and the enrolment code that the desk printed.
   * `random` draws the database key and the salt.
   * Throws if the code does not open the invitation.
   */
  static enrol(invitation: string, enrolmentCode: string, random: (count: number) => Uint8Array, epoch = 0) {
    const bytes = Uint8Array.from(Buffer.from(invitation.replace('keydesk:enrol/1/', ''), 'base64url'))
    const id = bytes.slice(2, 18)
    const tag = new DataView(bytes.buffer).getUint32(18)
    const secret = openSlot(enrolmentCode.replaceAll('-', ''), 4, id, bytes.slice(22, 121))
    if (secret === null) throw new Error('the invitation does not open')
    const database = random(32)
    return { device: new IndependentDevice(id, tag, secret, database, random, epoch), secret, database }
  }

  private constructor(
    id: Uint8Array,
    tag: number,
    secret: Uint8Array,
    database: Uint8Array,
    random: (count: number) => Uint8Array,
    epoch: number,
  ) {
    this.id = id
    this.tag = tag
    this.epoch = epoch
    const view = new DataView(new ArrayBuffer(6))
    view.setUint32(0, tag)
    view.setUint16(4, epoch)
    const state = join(id, new Uint8Array(view.buffer))
    const mac = (label: string) => bits(hmac(sha256, hkdf(sha256, secret, id, text(`keydesk/v1/${label}`), 32), state))
    this.resetCode = speak(toBits(tag, 25) + toBits(epoch, 15) + mac('reset').slice(0, 25), 'reset')
    this.deskWords = [Number.parseInt(mac('words').slice(0, 11), 2), Number.parseInt(mac('words').slice(11, 22), 2)]
    const confirmation = speak(mac('confirm').slice(0, 65), 'confirm').replaceAll('-', '')
    this.#recovery = sealSlot(confirmation, 2, state, random(16), database)
    this.#state = state
  }
  readonly #state: Uint8Array

  /** The database key, or null for a code that does not open the recovery slot. */
  open(confirmationCode: string): Uint8Array | null {
    return openSlot(confirmationCode.replaceAll('-', ''), 2, this.#state, this.#recovery)
  }
}
