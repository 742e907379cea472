/**
 * The reference device as a library: an app whose settings are always encrypted, and whose lock password can be reset
 * over the telephone.
 * - `openStorage` gives the app its files. `World` gives it a clock, random bytes and scrypt's work factor.
 * - Every refusal is thrown as a KeydeskError.
 * - All calls are synchronous, and every change is durable when its call returns.
 */
export { type App, loadState, type World } from './app.ts'
export { type FileCalls, nodeFiles } from './durable.ts'
export { enrolDevice, openInvitation, readEnrolmentCode, readInvitation } from './enrolment.ts'
export { type Accepted, confirmReset, finishReset, forgetPassword, readConfirmationCode } from './exchange.ts'
export { type AppKeys, isLastEpoch } from './lock.ts'
export { checkPassword, type PasswordOwner } from './password-rules.ts'
export { acceptPinOf, readPin, readUser, requirePinWay } from './pin.ts'
export { readSetting, readSettings, writeSetting } from './settings-access.ts'
export { formatState, type PinMarks, parseState, type StoredState } from './state.ts'
export { readStatus, type Status } from './status.ts'
export { openStorage, type Storage, type StorageOptions, type StoredFile } from './storage.ts'
export { changePassword, lockApp, openApp, type Unlocked } from './unlocking.ts'
