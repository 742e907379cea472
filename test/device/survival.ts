/**
 * Checks of a device after a stop at any moment: a power cut, an error of the disk, or a kill.
 * - Its state is whole, every slot that it has opens, and the settings are there.
 * - The database key lies in no file but the session, and the keystore if PINs are allowed.
 * - Another exchange succeeds.
 */
import { expect } from 'vitest'
import { encodeBase64Url } from '../../src/crypto/bytes.ts'
import { tryPasswordSlot, tryRecoverySlot } from '../../src/device/lock.ts'
import { openDatabase } from '../../src/device/settings.ts'
import type { StoredState } from '../../src/device/state.ts'
import {
  answerOf,
  type Bench,
  expectOk,
  NEW_PASSWORD,
  PASSWORD,
  type RunOptions,
  readAllFiles,
  readState,
  withNewPassword,
} from './bench.ts'

const KNOWN_PASSWORDS = [PASSWORD, NEW_PASSWORD]

/** The password that opens the device; null without a password slot. Throws if no known password opens the slot. */
function findPassword({ logN }: Bench, state: StoredState): string | null {
  const { passwordSlot } = state
  if (passwordSlot === null) return null
  const found = KNOWN_PASSWORDS.find((password) => tryPasswordSlot(password, passwordSlot, state, logN).ok)
  if (found === undefined) throw new Error('a password slot that no password opens')
  return found
}

/** Checks the files on disk. Returns the state, and the password that opens it. */
export function expectWhole(bench: Bench, where: string): { state: StoredState; password: string | null } {
  const state = readState(bench)
  const recovered = tryRecoverySlot(answerOf(bench, state), state, bench.logN)
  expect(recovered.ok, `${where}: the recovery slot opens`).toBe(true)
  if (!recovered.ok) throw new Error('unreachable')
  const files = readAllFiles(bench)
  const database = openDatabase(recovered.payload, files.get('settings.sealed') as Buffer, state.id)
  expect(database?.settings.get('mail.server'), `${where}: the settings`).toBe('imap.example.ch')
  for (const [name, bytes] of files) {
    if (name !== 'session' && !(state.pinAllowed && name === 'keystore'))
      expect(bytes.includes(encodeBase64Url(recovered.payload)), `${where}: DBK in ${name}`).toBe(false)
  }
  return { state, password: findPassword(bench, state) }
}

/** Runs one whole exchange, and reads the settings after it. */
export async function expectLifeGoesOn(bench: Bench, options: RunOptions = {}): Promise<void> {
  // A try during an error of the disk is counted. Two days later no wait is left.
  bench.nowMs += 2 * 86_400_000
  await expectOk(bench, ['forgot'], options)
  await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)], options)
  expect(await expectOk(bench, ['get', 'mail.server'], options)).toBe('imap.example.ch\n')
}
