/**
 * Functions that the tests of the store share.
 * - Real stores in files or in memory, made as `init` makes them, and desks on them.
 * - Expectations on refusals by kind and reason.
 * - SQL on a store's file without keydesk.
 * - Randomness is seeded and the clock is set, so every run is the same. No work factor is involved.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { expect } from 'vitest'
import { decodeHex, encodeHex } from '../../src/crypto/bytes.ts'
import { deriveStoreId } from '../../src/crypto/roster.ts'
import { SECTIONS } from '../../src/crypto/section.ts'
import { decideInvite } from '../../src/desk/device/decide.ts'
import { decideInit } from '../../src/desk/operator.ts'
import type { Device, Operator } from '../../src/desk/records/index.ts'
import { type ErrorKind, KeydeskError } from '../../src/errors.ts'
import { type Desk, type DeskOptions, openDesk } from '../../src/store/desk.ts'
import type { Engine } from '../../src/store/engine.ts'
import { fillStore } from '../../src/store/founding.ts'
import {
  drawKeyring,
  drawOperatorKeys,
  type Keyring,
  type OperatorKeys,
  publicKeysOf,
} from '../../src/store/keyring.ts'
import { createSqlite, openSqlite } from '../../src/store/sqlite/open.ts'
import { createHome, MONDAY_MS } from '../fake-context.ts'
import { MemoryStore } from './memory-engine.ts'

export const uid = process.getuid?.() ?? null
export const isRoot = uid === 0
/** The id of a user who is neither root nor the user that runs the tests. */
export const NOBODY = 65_534

/** SHAKE256(seed ‖ '/' ‖ number of the draw), `count` bytes: the same in every run. */
export function seededRandom(seed: string): (count: number) => Uint8Array {
  let draws = 0
  return (count) =>
    new Uint8Array(createHash('shake256', { outputLength: count }).update(`${seed}/${draws++}`).digest())
}

/** The founder of a desk, with the keys, the salt and the store's id. */
export type Founder = {
  readonly storeId: Uint8Array
  readonly salt: Uint8Array
  readonly keys: OperatorKeys
  readonly keyring: Keyring
  readonly me: Operator
  readonly options: DeskOptions & { nowMs: number }
}
export type FounderOptions = { readonly seed?: string; readonly salt?: Uint8Array }

/** Draws a founder from the seed. Another `salt` gives another store id with the same keys. */
export function drawFounder({ seed = 'store', salt: given }: FounderOptions = {}): Founder {
  const random = seededRandom(seed)
  const drawn = random(16)
  const salt = given ?? drawn
  const keys = drawOperatorKeys(random)
  const keyring = drawKeyring(SECTIONS, random)
  const me: Operator = {
    operatorId: encodeHex(keys.operatorId),
    name: 'anna',
    role: 'admin',
    ...publicKeysOf(keys),
    addedAt: MONDAY_MS,
  }
  const storeId = deriveStoreId(decodeHex(me.signKey) as Uint8Array, salt)
  const options = { nowMs: MONDAY_MS, clock: () => options.nowMs, random }
  return { storeId, salt, keys, keyring, me, options }
}

const found = (founder: Founder) => (engine: Engine) =>
  fillStore(engine, founder, decideInit('Röntgen AG', { now: MONDAY_MS, operator: founder.me }), founder.options)

export type FileStore = Founder & { readonly path: string; readonly connect: (busyTimeoutMs?: number) => Engine }

/** A new store in a file, as `init` makes it. */
export async function createFileStore(given: FounderOptions = {}): Promise<FileStore> {
  const founder = drawFounder(given)
  const path = join(createHome(), 'desk.keydesk')
  await createSqlite(path, founder.storeId, found(founder))
  return { ...founder, path, connect: (busyTimeoutMs = 50) => openSqlite(path, { uid, busyTimeoutMs }) }
}

export type MemoryDesk = Founder & { readonly store: MemoryStore; readonly desk: Desk }

/** A new store in memory, and its founder's desk. */
export async function createMemoryDesk(given: FounderOptions = {}): Promise<MemoryDesk> {
  const founder = drawFounder(given)
  const store = new MemoryStore(founder.storeId)
  await found(founder)(store.connect())
  return { ...founder, store, desk: await openDesk(store.connect(), founder.keys, founder.options) }
}

export type Invited = { readonly device: Device; readonly secret: Uint8Array; readonly seq: number }

/** Invites a device with this tag. `given` replaces fields of the device. */
export async function inviteDevice(
  desk: Desk,
  random: DeskOptions['random'],
  tag: number,
  given: Partial<Device> = {},
): Promise<Invited> {
  const secret = random(32)
  const deviceId = encodeHex(random(16))
  const newUserId = encodeHex(random(16))
  const { answer, seq } = await desk.commit(async (records, now) => {
    const request = {
      name: 'iPhone of Zoë',
      user: 'zoe@example.ch',
      platform: 'ios',
      model: null,
      registeredBy: 'password',
      pinAllowed: false,
      ...given,
      tag,
      deviceId,
      secret,
      newUserId,
    } as const
    return decideInvite(await records.user(request.user), request, { now, operator: desk.me })
  })
  return { device: answer, secret, seq }
}

/** Returns the refusal that `work` throws or rejects with. Throws if there is none, and rethrows any other error. */
export async function catchRefusal(work: () => unknown): Promise<KeydeskError['refusal']> {
  try {
    await work()
  } catch (error) {
    if (error instanceof KeydeskError) return error.refusal
    throw error
  }
  throw new Error('nothing was refused')
}

export async function expectRefusal(
  kind: ErrorKind,
  reason: string | null,
  work: () => unknown,
): Promise<KeydeskError['refusal']> {
  const refusal = await catchRefusal(work)
  expect(reason === null ? [refusal.kind] : [refusal.kind, refusal.reason]).toEqual(
    reason === null ? [kind] : [kind, reason],
  )
  return refusal
}

/** Runs SQL on a store's file, as an attacker who has the file but no key. */
export function tamper(path: string, sql: string, ...values: SQLInputValue[]): void {
  const db = new DatabaseSync(path, { defensive: false })
  try {
    if (values.length === 0) db.exec(sql)
    else db.prepare(sql).run(...values)
  } finally {
    db.close()
  }
}

/** The rows of a query on a store's file, read without keydesk. */
export function peek<T>(path: string, sql: string): T[] {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return db.prepare(sql).all() as T[]
  } finally {
    db.close()
  }
}
