/**
 * The collections of a store, and how each is sealed: what is verified is this list and no other. A row of any other collection was
 * put there by another program, or by a newer keydesk.
 */

export type Sealing = {
  /** Under the section *directory*, which every role can open; or to one operator, so that nobody else can. */
  readonly listed: 'directory' | 'operator'
  /** Under the section *secrets*: every row has one, some have, or none. */
  readonly secret: 'always' | 'sometimes' | 'never'
  /** The field of the record that repeats the row's id, where it has one. */
  readonly idField: string | null
}

export const COLLECTIONS: Readonly<Record<string, Sealing>> = {
  keyring: { listed: 'operator', secret: 'never', idField: null },
  organisation: { listed: 'directory', secret: 'never', idField: null },
  roster: { listed: 'directory', secret: 'never', idField: null },
  user: { listed: 'directory', secret: 'never', idField: 'userId' },
  totp: { listed: 'directory', secret: 'sometimes', idField: 'ownerId' },
  device: { listed: 'directory', secret: 'always', idField: 'deviceId' },
}
