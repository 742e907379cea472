/** The exchange as a library. An app team builds the device's half with it, and an auditor checks the desk's half. */
export {
  type ChainedEntry,
  chainEntry,
  checkEntry,
  coverEntry,
  type EntryContent,
  genesisHash,
  hashEntry,
  isCovered,
} from './audit-chain.ts'
export {
  deriveConfirmationCode,
  deriveDeskWordNumbers,
  deriveDeskWords,
  deriveResetCode,
  isGenuine,
  type ResetClaim,
  readResetCode,
} from './codes.ts'
export { decodeInvitation, encodeInvitation, INVITATION_PREFIX, type Invitation } from './invitation.ts'
export {
  asDeviceSecret,
  type DeviceSecret,
  type DeviceState,
  deriveSubkey,
  encodeDeviceState,
  LAST_EPOCH,
  type SubkeyLabel,
} from './keys.ts'
export {
  derivePin,
  findPinMinute,
  formatPin,
  isPin,
  LONGEST_PIN_MINUTES,
  minuteOf,
  normalizeUser,
  PIN_SKEW_MINUTES,
  type PinAudience,
  type PinRequest,
  parsePin,
  WRONG_PINS,
} from './pin.ts'
export { type OpenedSlot, openSlot, type SlotKind, type SlotOpen, type SlotSeal, sealSlot } from './slot.ts'
export {
  type ConfirmationCode,
  type Correction,
  type EnrolmentCode,
  encodeSpoken,
  type ParsedSpoken,
  parseSpoken,
  placeOf,
  type ResetCode,
  type SpokenCode,
  type SpokenKind,
  stripHyphens,
} from './spoken.ts'
