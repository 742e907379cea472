/**
 * Slots (specification §4): a payload locked under something that a person types.
 * - scrypt makes each guess expensive.
 * - A commitment tells a wrong code from a damaged box. secretbox alone does not commit to its key.
 * - Length, version, kind and work factor are checked before scrypt runs. So no file can make us spend memory that we
 *   did not choose.
 */
import { scryptSync } from 'node:crypto'
import { concatBytes, encodeText, equalBytes, requireLength, requireUnsigned } from './bytes.ts'
import { openBox, sealBox } from './seal.ts'

const KINDS = { password: 1, recovery: 2, operator: 3, enrolment: 4 } as const
const VERSION = 1
const SALT_BYTES = 16
const HEADER_BYTES = 3 + SALT_BYTES
const COMMIT_BYTES = 32
const BOX_OVERHEAD = 16
const PAYLOAD_BYTES = 32
const ZERO_NONCE = new Uint8Array(24)

export type SlotKind = keyof typeof KINDS
/** The parameters of sealing a slot. The salt is 16 random bytes, fresh for every slot, because the nonce is fixed. */
export type SlotSeal = { kind: SlotKind; context: Uint8Array; salt: Uint8Array; logN: number }
/** The parameters of opening a slot. A slot of another kind or work factor is malformed. */
export type SlotOpen = { kind: SlotKind; context: Uint8Array; logN: number }
export type OpenedSlot =
  | { readonly ok: true; readonly payload: Uint8Array }
  | { readonly ok: false; readonly why: 'malformed' | 'wrong' | 'damaged' }

/** Bytes of a slot with a payload of `payloadBytes`: 99 for 32. */
export const slotLength = (payloadBytes: number): number => HEADER_BYTES + COMMIT_BYTES + BOX_OVERHEAD + payloadBytes

/**
 * Every slot of the exchange holds one key of 32 bytes. An operator's slot is the desk's own, and its payload has any
 * length.
 */
const fits = (kind: SlotKind, length: number): boolean =>
  kind === 'operator' ? length >= slotLength(0) : length === slotLength(PAYLOAD_BYTES)

type Stretched = { readonly key: Uint8Array; readonly commit: Uint8Array }

/**
 * okm = scrypt(P, "keydesk/v1/slot\0" ‖ kind ‖ ctx ‖ salt, N = 2^logN, r = 8, p = 1, 64): a box key, then a commitment.
 * Returns scrypt's salt and cost.
 */
function prepareStretch({ kind, context, salt, logN }: SlotSeal) {
  requireUnsigned(logN, 5, 'logN')
  const bound = concatBytes(encodeText('keydesk/v1/slot\0'), Uint8Array.of(KINDS[kind]), context, salt)
  const N = 2 ** logN
  // scrypt needs 128·N·r bytes and a little more. Node's default limit is 32 MiB.
  return { bound, cost: { N, r: 8, p: 1, maxmem: 128 * N * 8 + 2 ** 20 } }
}

const splitStretched = (okm: Uint8Array): Stretched => ({ key: okm.subarray(0, 32), commit: okm.subarray(32) })

function stretch(typed: Uint8Array, seal: SlotSeal): Stretched {
  const { bound, cost } = prepareStretch(seal)
  return splitStretched(new Uint8Array(scryptSync(typed, bound, 64, cost)))
}

/**
 * 01 ‖ kind ‖ logN ‖ salt ‖ commit ‖ box. `typed` is the secret that a person knows. Throws a TypeError on a wrong
 * length of salt or payload.
 */
export function sealSlot(typed: Uint8Array, payload: Uint8Array, seal: SlotSeal): Uint8Array {
  requireSeal(payload, seal)
  return writeSlot(stretch(typed, seal), payload, seal)
}

/** The caller's scrypt function, with the parameters of Node's own. */
export type Stretcher = (
  typed: Uint8Array,
  salt: Uint8Array,
  length: number,
  cost: { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number },
) => Promise<Uint8Array>

/** Like sealSlot, but `stretcher` runs scrypt, for example on other threads for many slots at a time. */
export async function sealSlotBy(
  stretcher: Stretcher,
  typed: Uint8Array,
  payload: Uint8Array,
  seal: SlotSeal,
): Promise<Uint8Array> {
  requireSeal(payload, seal)
  const { bound, cost } = prepareStretch(seal)
  return writeSlot(splitStretched(await stretcher(typed, bound, 64, cost)), payload, seal)
}

function requireSeal(payload: Uint8Array, { kind, salt }: SlotSeal): void {
  requireLength(salt, SALT_BYTES, 'salt')
  if (kind !== 'operator') requireLength(payload, PAYLOAD_BYTES, 'payload')
}

function writeSlot({ key, commit }: Stretched, payload: Uint8Array, { kind, salt, logN }: SlotSeal): Uint8Array {
  // The zero nonce is safe: the key is derived with a fresh salt and used for this one box.
  return concatBytes(Uint8Array.of(VERSION, KINDS[kind], logN), salt, commit, sealBox(key, payload, ZERO_NONCE))
}

/**
 * The payload, or why there is none: `malformed` before scrypt runs, `wrong` code or password, `damaged` box.
 * Only the commitment is compared, in constant time, before the box is opened.
 */
export function openSlot(typed: Uint8Array, slot: Uint8Array, { kind, context, logN }: SlotOpen): OpenedSlot {
  if (!fits(kind, slot.length) || slot[0] !== VERSION || slot[1] !== KINDS[kind] || slot[2] !== logN) {
    return { ok: false, why: 'malformed' }
  }
  const { key, commit } = stretch(typed, { kind, context, salt: slot.subarray(3, HEADER_BYTES), logN })
  if (!equalBytes(commit, slot.subarray(HEADER_BYTES, HEADER_BYTES + COMMIT_BYTES))) return { ok: false, why: 'wrong' }
  const payload = openBox(key, slot.subarray(HEADER_BYTES + COMMIT_BYTES), ZERO_NONCE)
  return payload === null ? { ok: false, why: 'damaged' } : { ok: true, payload }
}
