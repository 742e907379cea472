/**
 * Tampers with rows and entries as an attacker who has the file but no key.
 * - Rows and entries are swapped between devices, sections, generations, collections and stores.
 * - They are doubled, deleted and exchanged. Indexes point to other rows.
 * - A command that reads a tampered row or entry is refused with exit 8. Verifying finds every other change.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Bench, createDesk, expectOk, invitePhone, type Phone, run, storeOf } from '../commands/bench.ts'
import type { Founder } from '../store/fixtures.ts'
import { count, report, type Tally } from './campaign.ts'
import { isDamaged, openFounder } from './reading.ts'

type Touch = 'list' | 'check' | 'audit' | 'confirm' | 'invite' | 'verify'
type Case = readonly [name: string, sql: string, touches: readonly Touch[]]

const BOTH = "collection = 'device'"
const FIRST = `${BOTH} AND id = :first`
const SECOND = `${BOTH} AND id = :second`
const of = (column: string, where: string) => `(SELECT ${column} FROM record WHERE ${where})`
const swapped = (column: string) =>
  `CREATE TEMP TABLE old AS SELECT id, ${column} AS was FROM record WHERE ${BOTH};
   UPDATE record SET ${column} = (SELECT was FROM old WHERE old.id = CASE record.id WHEN :first THEN :second ELSE :first END) WHERE ${BOTH}`
/** Values of an older copy of the store, and of another desk with the same tables. */
const before = (column: string, where: string) => `(SELECT ${column} FROM before.record WHERE ${where})`
const other = (column: string, where: string) => `(SELECT ${column} FROM other.record WHERE ${where} LIMIT 1)`
/** The number of the last entry of the tampered desk. */
const LAST = '7'
const exchanged = (one: string, two: string) =>
  `UPDATE entry SET seq = -1 WHERE seq = ${one}; UPDATE entry SET seq = ${one} WHERE seq = ${two}; UPDATE entry SET seq = ${two} WHERE seq = -1`

const CASES: readonly Case[] = [
  ['the listed parts of two devices, swapped', swapped('listed'), ['list', 'check', 'confirm']],
  ['the secrets of two devices, swapped', swapped('secret'), ['check', 'confirm', 'verify']],
  [
    'both parts of two devices, swapped',
    `${swapped('listed')}; DROP TABLE old; ${swapped('secret')}`,
    ['list', 'check', 'confirm'],
  ],
  [
    'the ids of two devices, swapped',
    `UPDATE record SET id = x'00' WHERE ${FIRST}; UPDATE record SET id = :first WHERE ${SECOND}; UPDATE record SET id = :second WHERE id = x'00'`,
    ['list', 'check', 'confirm'],
  ],
  [
    'the sections of a device, swapped',
    `UPDATE record SET listed = secret, secret = listed WHERE ${FIRST}`,
    ['list', 'check', 'confirm'],
  ],
  [
    'the listed part in the place of the secret',
    `UPDATE record SET secret = listed WHERE ${FIRST}`,
    ['check', 'confirm'],
  ],
  ['a device without its secret', `UPDATE record SET secret = NULL WHERE ${FIRST}`, ['check', 'confirm', 'verify']],
  ['another generation of a device', `UPDATE record SET generation = 2 WHERE ${FIRST}`, ['list', 'check', 'confirm']],
  ['another generation of all devices', `UPDATE record SET generation = 0 WHERE ${BOTH}`, ['list', 'check', 'confirm']],
  [
    'a user among the devices',
    "UPDATE record SET collection = 'device' WHERE collection = 'user' AND id = (SELECT min(id) FROM record WHERE collection = 'user')",
    ['list', 'verify'],
  ],
  [
    'the organisation in the place of a device',
    `UPDATE record SET listed = ${of('listed', "collection = 'organisation'")} WHERE ${FIRST}`,
    ['list', 'check', 'confirm'],
  ],
  [
    'the operator in the place of the organisation',
    `UPDATE record SET listed = ${of('listed', "collection = 'roster'")} WHERE collection = 'organisation'`,
    ['invite'],
  ],
  [
    'a store without its roster',
    "DELETE FROM record WHERE collection = 'roster'",
    ['list', 'check', 'audit', 'confirm'],
  ],
  [
    'the device of another store',
    `UPDATE record SET listed = ${other('listed', BOTH)}, secret = ${other('secret', BOTH)} WHERE ${FIRST}`,
    ['list', 'check', 'confirm'],
  ],
  [
    'the keyring of another store',
    `UPDATE record SET listed = ${other('listed', "collection = 'keyring'")} WHERE collection = 'keyring'`,
    ['list', 'check', 'audit', 'confirm'],
  ],
  [
    'the id of another store',
    'UPDATE store SET id = (SELECT id FROM other.store)',
    ['list', 'check', 'audit', 'confirm'],
  ],
  ['a device as it was before', `UPDATE record SET listed = ${before('listed', FIRST)} WHERE ${FIRST}`, ['verify']],
  [
    'a device doubled under another id',
    `INSERT INTO record SELECT collection, x'${'ab'.repeat(16)}', generation, listed, secret FROM record WHERE ${FIRST}`,
    ['list', 'verify'],
  ],
  ['a device deleted', `DELETE FROM record WHERE ${FIRST}; DELETE FROM blind WHERE ${FIRST}`, ['verify']],
  ['the last entry cut', `DELETE FROM entry WHERE seq = ${LAST}`, ['verify']],
  ['an entry in the middle cut', 'DELETE FROM entry WHERE seq = 3', ['verify']],
  ['the last two entries exchanged', exchanged(LAST, '6'), ['audit', 'confirm', 'verify']],
  ['two entries in the middle exchanged', exchanged('2', '3'), ['audit', 'verify']],
  [
    'the last entry doubled',
    `INSERT INTO entry SELECT seq + 1, operator, generation, digest, body, hash, signature FROM entry WHERE seq = ${LAST}`,
    ['audit', 'confirm', 'verify'],
  ],
  [
    'another body of the last entry',
    `UPDATE entry SET body = (SELECT body FROM entry WHERE seq = 2) WHERE seq = ${LAST}`,
    ['audit', 'confirm', 'verify'],
  ],
  [
    'another operator of the last entry',
    `UPDATE entry SET operator = x'${'cd'.repeat(16)}' WHERE seq = ${LAST}`,
    ['confirm', 'verify'],
  ],
  [
    'another digest of the last entry',
    `UPDATE entry SET digest = (SELECT digest FROM entry WHERE seq = 2) WHERE seq = ${LAST}`,
    ['confirm', 'verify'],
  ],
  [
    'the last entry of another store',
    `DELETE FROM entry WHERE seq = ${LAST}; INSERT INTO entry SELECT ${LAST} + 1, operator, generation, digest, body, hash, signature FROM other.entry WHERE seq = 2`,
    ['audit', 'confirm', 'verify'],
  ],
  ['all entries cut', 'DELETE FROM entry', ['confirm', 'verify']],
  [
    'the index of a device on another',
    `DELETE FROM blind WHERE ${SECOND}; UPDATE blind SET id = :second WHERE ${FIRST}`,
    ['check', 'confirm', 'verify'],
  ],
  [
    'the index of a device on it and another',
    `INSERT INTO blind SELECT collection, name, value, :second FROM blind WHERE ${FIRST}`,
    ['check', 'confirm', 'verify'],
  ],
  [
    'the indexes of two devices exchanged',
    `CREATE TEMP TABLE kept AS SELECT * FROM blind WHERE ${BOTH}; DELETE FROM blind WHERE ${BOTH}; INSERT INTO blind SELECT collection, name, value, CASE id WHEN :first THEN :second ELSE :first END FROM kept`,
    ['check', 'confirm', 'verify'],
  ],
  ['a device without its index', `DELETE FROM blind WHERE ${FIRST}`, ['check', 'confirm', 'verify']],
  [
    'an index that leads nowhere',
    `UPDATE blind SET id = x'${'ef'.repeat(16)}' WHERE ${FIRST}`,
    ['check', 'confirm', 'verify'],
  ],
]

describe('commands or verifying find this tampering:', () => {
  let bench: Bench
  let phone: Phone
  let second: Phone
  let founder: Founder
  let bytes: Buffer
  const tally: Tally = {}

  beforeAll(async () => {
    bench = await createDesk()
    phone = await invitePhone(bench)
    second = await invitePhone(bench, 'max@example.ch')
    copyFileSync(storeOf(bench), join(bench.home, 'before'))
    await expectOk(bench, ['reset', 'confirm', phone.resetCode(0), '--verified-by', 'callback'])
    await expectOk(bench, ['device', 'block', second.deviceId])
    await expectOk(bench, ['device', 'unblock', second.deviceId])
    const stranger = await createDesk()
    await invitePhone(stranger)
    copyFileSync(storeOf(stranger), join(bench.home, 'other'))
    founder = await openFounder(bench)
    bytes = readFileSync(storeOf(bench))
  })

  const touch = async (what: Touch): Promise<string> => {
    if (what === 'verify') return (await isDamaged(bench, founder)) ? 'damaged' : 'whole'
    const lines = {
      list: ['device', 'list'],
      audit: ['audit', 'list'],
      check: ['reset', 'check', phone.resetCode(1)],
      confirm: ['reset', 'confirm', phone.resetCode(1)],
      invite: ['device', 'invite', '--user', 'zoe@example.ch'],
    }
    const { exit, out } = await run(bench, lines[what])
    return exit === 8 && out === '' ? 'damaged' : `exit ${exit} ${out}`
  }

  function tamper(sql: string): void {
    const db = new DatabaseSync(storeOf(bench), { defensive: false })
    for (const name of ['before', 'other']) db.exec(`ATTACH '${join(bench.home, name)}' AS ${name}`)
    const named = sql.replaceAll(':first', `x'${phone.deviceId}'`).replaceAll(':second', `x'${second.deviceId}'`)
    db.exec(named)
    db.close()
  }

  it.each(CASES)('%s', async (name, sql, touches) => {
    for (const what of touches) {
      writeFileSync(storeOf(bench), bytes, { mode: 0o600 })
      tamper(sql)
      expect(await touch(what), what).toBe('damaged')
      count(tally, what)
    }
    if (name === CASES.at(-1)?.[0]) report('swap', { cases: CASES.length, refused: tally })
  })

  it('the unchanged file is whole: no command is refused', async () => {
    writeFileSync(storeOf(bench), bytes, { mode: 0o600 })
    for (const what of ['list', 'audit', 'check', 'confirm', 'invite', 'verify'] as const)
      expect(await touch(what), what).not.toBe('damaged')
  })
})
