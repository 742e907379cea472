/**
 * Guards that a PIN works once. Many processes redeem it at the same moment, and the commit decides: exactly one
 * succeeds, and the others get `pin-used` or `busy`.
 */
import { expect, it } from 'vitest'
import { deriveSubkey } from '../../src/crypto/keys.ts'
import { derivePin } from '../../src/crypto/pin.ts'
import { isLong } from '../torture/campaign.ts'
import { createMachine, createRealDesk, expectOk, inviteRealPhone, run } from './programs.ts'

const PROCESSES = isLong ? 50 : 15
const USER = 'zoe@example.ch'

it(`one of ${PROCESSES} processes can redeem a PIN`, { timeout: 300_000 }, async () => {
  const machine = createMachine()
  await createRealDesk(machine)
  const { deviceId, secret } = await inviteRealPhone(machine, USER, ['--registered-by', 'pin'])
  await expectOk(machine, ['user', 'grant', USER, 'reset-secure-apps-passcode'])
  for (const key of ['licence.web', 'device.ios.passcodeRequired', 'device.ios.allowRecovery'])
    await expectOk(machine, ['device', 'policy', deviceId, key, 'on'])
  const { expiresAt } = JSON.parse(
    await expectOk(machine, ['pin', 'issue', USER, '--for', 'desk', '--email', `${machine.home}/mail.eml`, '--json']),
  ) as { expiresAt: string }
  const id = Buffer.from(deviceId, 'hex')
  const minute = Date.parse(expiresAt) / 60_000 - 1440
  const pin = derivePin(deriveSubkey(secret, id, 'pin'), { id, audience: 'desk', minute, user: USER })
  const ended = await Promise.all(
    Array.from({ length: PROCESSES }, () => run(machine, ['pin', 'redeem', USER, '-', '--json'], { input: pin })),
  )
  const reasons = ended.map(({ exit, err }) =>
    exit === 0 ? 'ok' : (JSON.parse(err) as { error: { reason: string } }).error.reason,
  )
  expect(reasons.filter((reason) => reason === 'ok')).toHaveLength(1)
  expect(reasons.filter((reason) => !['ok', 'pin-used', 'busy'].includes(reason))).toEqual([])
  const entries = JSON.parse(await expectOk(machine, ['audit', 'list', '--action', 'pin.redeem', '--json'])) as {
    outcome: string
  }[]
  expect(entries.filter(({ outcome }) => outcome === 'ok')).toHaveLength(1)
  expect(entries).toHaveLength(reasons.filter((reason) => reason !== 'busy').length)
})
