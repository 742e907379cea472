/**
 * The collections of a store, and how each one is sealed. Verification accepts only these collections. A row of any
 * other collection was written by another program, or by a newer keydesk.
 */
import { type Device, NO_PIN } from '../desk/records/index.ts'

export type Sealing = {
  /**
   * `directory`: sealed under the section *directory*, which every role can open. `operator`: sealed to one operator,
   * so that no other operator can open it.
   */
  readonly listed: 'directory' | 'operator'
  /** Whether rows have a secret, sealed under the section *secrets*: all rows, some rows, or none. */
  readonly secret: 'always' | 'sometimes' | 'never'
  /**
   * The record's field that holds the row's id in hexadecimal; null if there is none. The sealed text omits this field,
   * because the row has the id already.
   */
  readonly idField: string | null
  /**
   * Field values that most records have: the sealed text omits them. Once released they must never change, because old
   * rows would then read differently.
   */
  readonly usual: Readonly<Record<string, unknown>>
}

/** A device that was invited and has had no call yet: most devices of a fleet. */
const USUAL_DEVICE: Partial<Device> = {
  registeredBy: 'password',
  state: 'invited',
  platform: null,
  model: null,
  osVersion: null,
  appVersion: null,
  lastConfirmed: null,
  wrongCodes: { day: 0, count: 0 },
  blockedFor: null,
  alarmAt: null,
  pinAllowed: false,
  pins: { device: NO_PIN, desk: NO_PIN },
  ownPolicy: {},
}

export const COLLECTIONS: Readonly<Record<string, Sealing>> = {
  keyring: { listed: 'operator', secret: 'never', idField: null, usual: {} },
  organisation: { listed: 'directory', secret: 'never', idField: null, usual: {} },
  roster: { listed: 'directory', secret: 'never', idField: null, usual: {} },
  user: { listed: 'directory', secret: 'never', idField: 'userId', usual: { roles: [], removedAt: null } },
  totp: { listed: 'directory', secret: 'sometimes', idField: 'ownerId', usual: {} },
  device: { listed: 'directory', secret: 'always', idField: 'deviceId', usual: USUAL_DEVICE },
}
