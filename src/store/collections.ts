/**
 * The collections of a store, and how each is sealed: what is verified is this list and no other. A row of any other collection was
 * put there by another program, or by a newer keydesk.
 */
import { type Device, NO_PIN } from '../desk/records/index.ts'

export type Sealing = {
  /** Under the section *directory*, which every role can open; or to one operator, so that nobody else can. */
  readonly listed: 'directory' | 'operator'
  /** Under the section *secrets*: every row has one, some have, or none. */
  readonly secret: 'always' | 'sometimes' | 'never'
  /** The field of the record that is the row's id in hexadecimal, where it has one; it is not written twice. */
  readonly idField: string | null
  /** Values that most records have, and that are left out of what is sealed. Once released they must stand for ever. */
  readonly usual: Readonly<Record<string, unknown>>
}

/** A device that was invited and never called: most of a fleet. */
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
