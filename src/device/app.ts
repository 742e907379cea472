/**
 * The app around its lock: its files, its access to the outside world, and the only way in which anything changes.
 * - One process at a time makes a change, based on the state on disk.
 * - A change is durable before its result is returned.
 * - Every refusal is thrown as a KeydeskError.
 */
import { minuteOf } from '../crypto/pin.ts'
import { KeydeskError } from '../errors.ts'
import { computeWait, countFailure, settleClock } from './delays.ts'
import type { Sealing } from './lock.ts'
import { alreadyEnrolled, damagedFile, noDevice, tooEarly } from './refusals.ts'
import { type Database, openDatabase, sealDatabase } from './settings.ts'
import { formatState, parseState, type StoredState } from './state.ts'
import { FILES, type Storage } from './storage.ts'

/** Everything that the device gets from the outside world, besides its files. */
export type World = {
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** `count` bytes from a generator fit for keys. */
  readonly random: (count: number) => Uint8Array
  /** log2 of scrypt's N: 17; less only in tests. */
  readonly logN: number
}
export type App = { readonly storage: Storage; readonly world: World }

/** Reads the state from disk. Throws `notfound` or `damaged`. */
export function loadState({ storage }: App): StoredState {
  const bytes = storage.readFile('state')
  if (bytes === null) throw KeydeskError.of(noDevice(storage.directory))
  const state = parseState(bytes)
  if (state === null) throw KeydeskError.of(damagedFile(FILES.state))
  return state
}

export function saveState({ storage }: App, state: StoredState): void {
  storage.writeDurably('state', formatState(state))
}

/**
 * Runs a change on the state from disk, under the lock, so the state cannot change meanwhile. Here every command
 * notices when the clock was set back.
 */
export function changeDevice<T>(app: App, change: (state: StoredState) => T): T {
  loadState(app)
  return app.storage.exclusively(() => change(settleState(app, loadState(app))))
}

function settleState(app: App, state: StoredState): StoredState {
  const nowMs = app.world.clock()
  const passwordFailures = settleClock(state.passwordFailures, nowMs)
  const codeFailures = settleClock(state.codeFailures, nowMs)
  const pin = settlePin(state, nowMs)
  if (passwordFailures === state.passwordFailures && codeFailures === state.codeFailures && pin === state.pin)
    return state
  const settled = { ...state, passwordFailures, codeFailures, pin }
  saveState(app, settled)
  return settled
}

/**
 * Records the highest minute seen so far, this one included. Only a device with the PIN way needs it: only a PIN gains
 * from a clock that is set back.
 */
function settlePin({ pin, pinAllowed }: StoredState, nowMs: number): StoredState['pin'] {
  const minute = minuteOf(nowMs)
  return pinAllowed && minute > pin.latestMinute ? { ...pin, latestMinute: minute } : pin
}

/** Throws `refused` when there is a device in the directory, even a damaged one. */
export function refuseSecondDevice({ storage }: App): void {
  if (storage.isClaimed()) throw KeydeskError.of(alreadyEnrolled(storage.directory))
}

/**
 * Counts a try durably before it is made. So a process that is killed during scrypt has used up its try.
 * Throws `refused` while the wait of earlier failures lasts; that does not count as a try.
 */
export function countTry(app: App, state: StoredState, what: 'password' | 'code'): StoredState {
  const field = what === 'password' ? 'passwordFailures' : 'codeFailures'
  const nowMs = app.world.clock()
  const waitSeconds = computeWait(state[field], nowMs)
  if (waitSeconds > 0) throw KeydeskError.of(tooEarly(what, state[field].count, waitSeconds))
  const counted = { ...state, [field]: countFailure(state[field], nowMs) }
  saveState(app, counted)
  return counted
}

/**
 * Opens the database under DBK, which comes from an opened slot, the session or the keystore. Throws `damaged` when it
 * does not open.
 */
export function loadDatabase({ storage }: App, dbk: Uint8Array, id: Uint8Array): Database {
  const sealed = storage.readFile('settings')
  const database = sealed === null ? null : openDatabase(dbk, sealed, id)
  if (database === null) throw KeydeskError.of(damagedFile(FILES.settings))
  return database
}

export function saveDatabase({ storage, world }: App, dbk: Uint8Array, database: Database, id: Uint8Array): void {
  storage.writeDurably('settings', sealDatabase(dbk, database, { id, nonce: world.random(24) }))
}

/** A fresh salt, and the work factor from `world`. */
export function drawSealing({ world }: App): Sealing {
  return { salt: world.random(16), logN: world.logN }
}
