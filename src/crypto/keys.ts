/**
 * Keys of one device (specification §2). Each use has its own key, derived from the device secret with a label. So a
 * value that was computed for one purpose cannot serve another.
 */
import { concatBytes, encodeText, encodeU16, encodeU32, requireLength, requireUnsigned } from './bytes.ts'
import { deriveKey } from './hmac.ts'
import { TAG_BITS } from './tag.ts'

export const SECRET_BYTES = 32
export const ID_BYTES = 16
export const EPOCH_BITS = 15
/** After this epoch the device must be enrolled again. */
export const LAST_EPOCH = 2 ** EPOCH_BITS - 1

/** K: 32 random bytes, known to the desk and inside the device's encrypted database. */
export type DeviceSecret = Uint8Array & { readonly __secret: 'device' }
export type SubkeyLabel = 'reset' | 'confirm' | 'words' | 'pin'
/** The device's state, which the device and the desk both know: everything that M is made of. */
export type DeviceState = { readonly id: Uint8Array; readonly tag: number; readonly epoch: number }

/** Brands 32 bytes as a device secret. Throws a TypeError on any other length. */
export function asDeviceSecret(bytes: Uint8Array): DeviceSecret {
  requireLength(bytes, SECRET_BYTES, 'device secret')
  return bytes as DeviceSecret
}

/** Ksub(L) = HKDF(K, salt = id, info = "keydesk/v1/" ‖ L), 32 bytes. */
export function deriveSubkey(secret: DeviceSecret, id: Uint8Array, label: SubkeyLabel): Uint8Array {
  requireLength(secret, SECRET_BYTES, 'device secret')
  requireLength(id, ID_BYTES, 'device id')
  return deriveKey(secret, id, encodeText(`keydesk/v1/${label}`), 32)
}

/** M = id ‖ u32 tag ‖ u16 epoch, 22 bytes. */
export function encodeDeviceState({ id, tag, epoch }: DeviceState): Uint8Array {
  requireLength(id, ID_BYTES, 'device id')
  requireUnsigned(tag, TAG_BITS, 'tag')
  requireUnsigned(epoch, EPOCH_BITS, 'epoch')
  return concatBytes(id, encodeU32(tag), encodeU16(epoch))
}
