/**
 * Interoperation at full strength (scrypt 2^17), by the command line alone.
 * The device under test shares no code with keydesk.
 * - The device enrols from the output of `device invite --json`.
 * - `reset check` finds its reset code genuine.
 * - The code that `reset confirm` prints opens the device.
 */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { expect, test } from 'vitest'
import { SCRYPT_LOG_N } from '../../src/context.ts'
import { main } from '../../src/program/keydesk.ts'
import { createHome, fakeContext } from '../fake-context.ts'
import { IndependentDevice } from './independent-device.ts'

const home = createHome()
writeFileSync(join(home, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 })
const random = (count: number) => new Uint8Array(randomBytes(count))

async function keydesk(...argv: string[]): Promise<string> {
  const context = fakeContext({ home, logN: SCRYPT_LOG_N, env: { KEYDESK_PASSPHRASE_FILE: join(home, 'passphrase') } })
  const exit = await main(argv, context)
  if (exit !== 0) throw new Error(`exit ${exit}: ${context.stderr()}`)
  return context.stdout()
}

test('a device written from the specification alone enrols, is found genuine, and opens', async () => {
  await keydesk('init', '--org', 'Röntgen AG', '--operator', 'anna')
  const { invitation, enrolmentCode, deviceId, tag } = JSON.parse(
    await keydesk('device', 'invite', '--user', 'zoë@example.ch', '--json'),
  )
  const { device, database } = IndependentDevice.enrol(invitation, enrolmentCode, random, 4711)
  expect(Buffer.from(device.id).toString('hex')).toBe(deviceId)
  expect(device.tag).toBe(tag)

  const check = JSON.parse(await keydesk('reset', 'check', device.resetCode, '--json'))
  expect(check).toMatchObject({ deviceId, tag, epoch: 4711, genuine: true, corrected: false })
  expect(check.deskWords).toEqual(device.deskWords.map((number) => wordlist[number]))

  const confirmationCode = (await keydesk('reset', 'confirm', device.resetCode)).trim()
  expect(device.open(confirmationCode)).toEqual(database)
  expect(device.open(device.resetCode)).toBeNull()
})
