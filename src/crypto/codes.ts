/**
 * Reset code, confirmation code and desk words (specification §3). All three are computed from one device state, each
 * under its own key.
 * - A reset code names its device and epoch, and proves them with 25 bits of a MAC.
 * - A confirmation code is 65 bits of a MAC and nothing else.
 */
import { equalBytes, takeBits, takeSymbols } from './bytes.ts'
import { authenticate } from './hmac.ts'
import { type DeviceSecret, type DeviceState, deriveSubkey, encodeDeviceState } from './keys.ts'
import {
  type ConfirmationCode,
  decodeSpoken,
  encodeSpoken,
  numberToSymbols,
  type ResetCode,
  symbolsToNumber,
} from './spoken.ts'
import { TAG_SYMBOLS } from './tag.ts'
import { bip39English } from './words.ts'

const EPOCH_SYMBOLS = 3
const MAC_BITS = 25

/** The device and epoch that a reset code claims. Only `isGenuine` proves the claim. */
export type ResetClaim = { readonly tag: number; readonly epoch: number }

function resetMac(secret: DeviceSecret, state: DeviceState): number[] {
  const mac = authenticate(deriveSubkey(secret, state.id, 'reset'), encodeDeviceState(state))
  return takeSymbols(mac, MAC_BITS)
}

/** tag(25) ‖ epoch(15) ‖ first(25, HMAC(Ksub("reset"), M)). */
export function deriveResetCode(secret: DeviceSecret, state: DeviceState): ResetCode {
  const claim = [...numberToSymbols(state.tag, TAG_SYMBOLS), ...numberToSymbols(state.epoch, EPOCH_SYMBOLS)]
  return encodeSpoken([...claim, ...resetMac(secret, state)], 'reset')
}

/** The tag that finds the device, and the epoch that the code claims. Proves nothing yet. */
export function readResetCode(code: ResetCode): ResetClaim {
  const data = decodeSpoken(code)
  return {
    tag: symbolsToNumber(data.slice(0, TAG_SYMBOLS)),
    epoch: symbolsToNumber(data.slice(TAG_SYMBOLS, TAG_SYMBOLS + EPOCH_SYMBOLS)),
  }
}

/** Whether the code came from this device in the epoch that it names; the MAC is compared in constant time. */
export function isGenuine(secret: DeviceSecret, id: Uint8Array, code: ResetCode): boolean {
  const expected = resetMac(secret, { id, ...readResetCode(code) })
  const shown = decodeSpoken(code).slice(TAG_SYMBOLS + EPOCH_SYMBOLS)
  return equalBytes(Uint8Array.from(expected), Uint8Array.from(shown))
}

/** first(65, HMAC(Ksub("confirm"), M)). */
export function deriveConfirmationCode(secret: DeviceSecret, state: DeviceState): ConfirmationCode {
  const mac = authenticate(deriveSubkey(secret, state.id, 'confirm'), encodeDeviceState(state))
  return encodeSpoken(takeSymbols(mac, 65), 'confirm')
}

/** Two numbers, 0 … 2047: the first and the next 11 bits of HMAC(Ksub("words"), M). */
export function deriveDeskWordNumbers(secret: DeviceSecret, state: DeviceState): [number, number] {
  const mac = authenticate(deriveSubkey(secret, state.id, 'words'), encodeDeviceState(state))
  return [takeBits(mac, 0, 11), takeBits(mac, 11, 11)]
}

/** The two words that only the real desk can say for this state, from the BIP-39 English list. */
export function deriveDeskWords(secret: DeviceSecret, state: DeviceState): [string, string] {
  const words = bip39English()
  const [first, second] = deriveDeskWordNumbers(secret, state)
  return [words[first] as string, words[second] as string]
}
