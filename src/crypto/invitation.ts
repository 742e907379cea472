/**
 * The invitation (specification §7): the text that a new device gets by QR code, mail or device management.
 * - It carries the device secret in a slot under the enrolment code. The enrolment code travels by another way.
 * - The rest is public and unauthenticated. A device shows it to its user and trusts none of it before the slot has
 *   opened.
 */
import {
  concatBytes,
  decodeBase64Url,
  decodeText,
  encodeBase64Url,
  encodeText,
  encodeU32,
  prefixLength,
  requireLength,
  requireUnsigned,
} from './bytes.ts'
import { ID_BYTES, SECRET_BYTES } from './keys.ts'
import { slotLength } from './slot.ts'
import { TAG_BITS } from './tag.ts'

export const INVITATION_PREFIX = 'keydesk:enrol/1/'
const VERSION = 1
const FLAG_PIN = 1
const SLOT_BYTES = slotLength(SECRET_BYTES)
const FIXED_BYTES = 2 + ID_BYTES + 4 + SLOT_BYTES

export type Invitation = {
  readonly id: Uint8Array
  readonly tag: number
  /** Kind 4, sealed under the enrolment code, bound to `id`. */
  readonly slot: Uint8Array
  readonly organisation: string
  readonly user: string
  /** Whether the device may keep the keys for one-time PINs (specification §8). */
  readonly pinAllowed: boolean
}

/** "keydesk:enrol/1/" + base64url of 01 ‖ flags ‖ id ‖ u32 tag ‖ slot ‖ LP(organisation) ‖ LP(user). */
export function encodeInvitation(invitation: Invitation): string {
  requireLength(invitation.id, ID_BYTES, 'device id')
  requireUnsigned(invitation.tag, TAG_BITS, 'tag')
  requireLength(invitation.slot, SLOT_BYTES, 'slot')
  const bytes = concatBytes(
    Uint8Array.of(VERSION, invitation.pinAllowed ? FLAG_PIN : 0),
    invitation.id,
    encodeU32(invitation.tag),
    invitation.slot,
    prefixLength(encodeText(invitation.organisation), 'organisation'),
    prefixLength(encodeText(invitation.user), 'user'),
  )
  return INVITATION_PREFIX + encodeBase64Url(bytes)
}

/**
 * Null unless `text` is a whole invitation of version 1, with known flags, a tag of 25 bits and no bytes after the last
 * part.
 */
export function decodeInvitation(text: string): Invitation | null {
  if (!text.startsWith(INVITATION_PREFIX)) return null
  const bytes = decodeBase64Url(text.slice(INVITATION_PREFIX.length))
  if (bytes === null || bytes.length < FIXED_BYTES || bytes[0] !== VERSION || (bytes[1] as number) > FLAG_PIN)
    return null
  const tagAt = 2 + ID_BYTES
  const tag = new DataView(bytes.buffer).getUint32(tagAt)
  const texts = decodeTexts(bytes.subarray(FIXED_BYTES), 2)
  if (tag >= 2 ** TAG_BITS || texts === null) return null
  const [organisation, user] = texts as [string, string]
  const slot = bytes.subarray(tagAt + 4, FIXED_BYTES)
  return { id: bytes.subarray(2, tagAt), tag, slot, organisation, user, pinAllowed: bytes[1] === FLAG_PIN }
}

/**
 * Exactly `count` length-prefixed texts in NFC that fill `bytes`; null otherwise. So an invitation has only one
 * spelling.
 */
function decodeTexts(bytes: Uint8Array, count: number): string[] | null {
  const texts: string[] = []
  let rest = bytes
  for (let i = 0; i < count; i++) {
    if (rest.length < 2) return null
    const end = 2 + (((rest[0] as number) << 8) | (rest[1] as number))
    const text = end <= rest.length ? decodeText(rest.subarray(2, end)) : null
    if (text === null || text !== text.normalize('NFC')) return null
    texts.push(text)
    rest = rest.subarray(end)
  }
  return rest.length === 0 ? texts : null
}
