/**
 * Guards the parts of `keydesk store` that transcripts cannot show: other commands that run meanwhile, the role that a
 * command needs, and the state after a failure.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeHex } from '../../src/crypto/bytes.ts'
import { decideAddOperator, decideChangeRole } from '../../src/desk/operator.ts'
import type { Operator } from '../../src/desk/records/index.ts'
import type { Member } from '../../src/desk/records/roster.ts'
import { main } from '../../src/program/keydesk.ts'
import { withAnyDesk, withDesk } from '../../src/session/open.ts'
import { lookInto } from '../../src/store/backup/copy.ts'
import { requireLinks } from '../../src/store/chain-standing.ts'
import { drawOperatorKeys, drawSectionKeys, publicKeysOf } from '../../src/store/keyring.ts'
import {
  type Bench,
  createDesk,
  createWorkstation,
  expectOk,
  invitePhone,
  openContext,
  PASSPHRASE,
  readJson,
  run,
  runWithPerson,
  storeOf,
} from './bench.ts'

const FROM_STDIN = ['--passphrase-file', '-']
const passphrase = { input: `${PASSPHRASE}\n` }
const GLOBALS = { input: false, color: false }

const inviteNumber = (bench: Bench, number: number) =>
  expectOk(bench, ['device', 'invite', '--user', `user${number}@example.ch`])
const unlock = (bench: Bench) => expectOk(bench, ['unlock', '--for', '24h', ...FROM_STDIN], passphrase)
const configOf = ({ home }: Bench) => join(home, '.config/keydesk')
const backUp = async (bench: Bench, name = 'backup') => {
  const file = join(bench.home, name)
  await expectOk(bench, ['store', 'backup', file])
  return file
}
type Entry = {
  readonly seq: number
  readonly action: string
  readonly outcome: string
  readonly givenUp?: number | null
}
const readRecord = (bench: Bench) => readJson<Entry[]>(bench, ['audit', 'list'])

/** Makes bob an admin, and anna a helpdesk operator. */
async function becomeHelpdesk(bench: Bench): Promise<void> {
  await withDesk(openContext(bench), GLOBALS, (desk) =>
    desk.commit(async (records, now) => {
      const { random } = openContext(bench)
      const keys = drawOperatorKeys(random)
      const operatorId = encodeHex(keys.operatorId)
      const bob: Operator = { operatorId, name: 'bob', role: 'admin', ...publicKeysOf(keys), addedAt: now }
      // The desk must keep one admin.
      const added = decideAddOperator(records.roster, bob, { now, operator: desk.me })
      const me = records.roster.members[0] as Member
      const roster = { ...records.roster, members: [me, { ...bob, removedAt: null }] }
      const circumstances = { now, operator: desk.me }
      const lowered = decideChangeRole(roster, me, 'helpdesk', drawSectionKeys(random), circumstances)
      return { ...lowered, changes: [...added.changes, ...lowered.changes] }
    }),
  )
}

describe('an earlier copy of the store’s file', () => {
  it('is refused with the agent’s keys and with the passphrase; the newest file is accepted', async () => {
    const bench = await createDesk()
    const copies: Buffer[] = []
    for (let i = 0; i < 5; i++) {
      copies.push(readFileSync(storeOf(bench)))
      await inviteNumber(bench, i)
    }
    const newest = readFileSync(storeOf(bench))
    for (const copy of copies) {
      writeFileSync(storeOf(bench), copy)
      for (const [argv, options] of [
        [['device', 'list'], {}],
        [['device', 'list', ...FROM_STDIN], passphrase],
        [['unlock', ...FROM_STDIN], passphrase],
      ] as const) {
        const { exit, err } = await run(bench, [...argv, '--json'], options)
        expect([exit, JSON.parse(err).error.reason]).toEqual([8, 'older-store'])
      }
      expect(readFileSync(storeOf(bench))).toEqual(copy)
    }
    writeFileSync(storeOf(bench), newest)
    await inviteNumber(bench, 9)
  })

  it('is refused even if it was copied right after init', async () => {
    const bench = createWorkstation()
    await expectOk(bench, ['init', '--org', 'T', '--operator', 'anna', ...FROM_STDIN], passphrase)
    const first = readFileSync(storeOf(bench))
    await unlock(bench)
    writeFileSync(storeOf(bench), first)
    expect(await run(bench, ['device', 'list'])).toMatchObject({ exit: 8 })
  })

  it('is refused even after a second desk was set up on the workstation', async () => {
    const bench = await createDesk()
    const first = readFileSync(storeOf(bench))
    await inviteNumber(bench, 1)
    await expectOk(
      bench,
      ['init', '--org', 'T', '--operator', 'bob', '--store', join(bench.home, 'b'), ...FROM_STDIN],
      passphrase,
    )
    writeFileSync(storeOf(bench), first)
    expect(await run(bench, ['device', 'list'])).toMatchObject({ exit: 8 })
  })
})

describe('an anchor that cannot be written', () => {
  it('causes a warning beside the answer, and is written later', async () => {
    const bench = await createDesk()
    const lock = join(configOf(bench), 'workstation.lock')
    rmSync(lock)
    mkdirSync(lock)
    const { exit, out, err } = await run(bench, ['device', 'invite', '--user', 'zoe'])
    expect([exit, out.split('\n').length]).toEqual([0, 3])
    expect(err).toMatch(/^warning: it is done and on record, but not noted on this workstation: .*workstation.lock/)
    rmSync(lock, { recursive: true })
    const before = readFileSync(storeOf(bench))
    await expectOk(bench, ['device', 'list'])
    await inviteNumber(bench, 1)
    writeFileSync(storeOf(bench), before)
    expect(await run(bench, ['device', 'list'])).toMatchObject({ exit: 8 })
  })
})

describe('store accept', () => {
  it('refuses an operator who is no admin, adds an audit entry, and the store stays closed', async () => {
    const bench = await createDesk()
    await becomeHelpdesk(bench)
    const copy = readFileSync(storeOf(bench))
    await inviteNumber(bench, 1)
    writeFileSync(storeOf(bench), copy)
    const { exit, err } = await run(bench, ['store', 'accept', '--yes'])
    expect(exit).toBe(6)
    expect(err).toContain('only an admin may accept')
    expect(await run(bench, ['device', 'list'])).toMatchObject({ exit: 8 })
    const entries = await withAnyDesk(openContext(bench), GLOBALS, (desk) =>
      desk.read(async (records) => {
        const found: string[] = []
        for await (const { action, outcome } of records.entries(3)) found.push(`${action} ${outcome}`)
        return found
      }),
    )
    expect(entries).toEqual(['store.accept needs-admin'])
  })

  it('makes the agent forget the keys, so that nothing of the other chain is left in it', async () => {
    const bench = await createDesk()
    const copy = readFileSync(storeOf(bench))
    await inviteNumber(bench, 1)
    writeFileSync(storeOf(bench), copy)
    await expectOk(bench, ['store', 'accept', '--yes'])
    expect(await readJson(bench, ['status'])).toMatchObject({ unlocked: false })
    await unlock(bench)
    await inviteNumber(bench, 2)
  })
})

describe('store backup', () => {
  it('is complete, although other commands run meanwhile', async () => {
    const bench = await createDesk()
    const commands = [0, 1, 2, 3].map((i) => inviteNumber(bench, i))
    const file = await backUp(bench)
    await Promise.all(commands)
    const { seq } = await lookInto(file, { uid: process.getuid?.() ?? null }, requireLinks)
    expect((await readRecord(bench)).find(({ action }) => action === 'store.backup')?.seq).toBeLessThanOrEqual(seq)
    expect(statSync(file).mode & 0o7777).toBe(0o600)
  })

  it('adds no entry if the file cannot be made', async () => {
    const bench = await createDesk()
    const before = await readRecord(bench)
    writeFileSync(join(bench.home, 'there'), 'mine')
    expect(await run(bench, ['store', 'backup', join(bench.home, 'there')])).toMatchObject({ exit: 6 })
    expect(await run(bench, ['store', 'backup', join(bench.home, 'none/there')])).toMatchObject({ exit: 6 })
    expect(await readRecord(bench)).toEqual(before)
  })
})

describe('store restore', () => {
  const restore = (file: string) => ['store', 'restore', file, '--yes']

  it('refuses an operator who is no admin if newer entries would be lost, adds an entry, and changes no file', async () => {
    const bench = await createDesk()
    const early = await backUp(bench)
    await becomeHelpdesk(bench)
    const late = await backUp(bench, 'late')
    const names = readdirSync(dirname(storeOf(bench)))
    const { exit, err } = await run(bench, restore(early))
    expect(exit).toBe(6)
    expect(err).toContain('only an admin may restore a backup that gives up 2 newer entries')
    expect(readdirSync(dirname(storeOf(bench)))).toEqual(names)
    expect((await readRecord(bench)).at(-1)).toMatchObject({ action: 'store.restore', outcome: 'needs-admin' })
    // It is refused, too, if the store is gone: the anchor knows of newer entries.
    rmSync(storeOf(bench))
    expect(await run(bench, restore(late))).toMatchObject({ exit: 6 })
    expect(existsSync(storeOf(bench))).toBe(false)
  })

  it('allows an operator who is no admin to restore a backup that has all known entries', async () => {
    const bench = await createDesk()
    await becomeHelpdesk(bench)
    const file = await backUp(bench)
    rmSync(storeOf(bench))
    expect(JSON.parse(await expectOk(bench, [...restore(file), '--json']))).toMatchObject({ givenUp: 0, before: null })
    await unlock(bench)
    expect((await readRecord(bench)).at(-2)).toMatchObject({ action: 'store.restore', outcome: 'ok', givenUp: 0 })
  })

  it('gives busy if another command wrote while the question stood, and keeps its entries', async () => {
    const bench = await createDesk()
    const file = await backUp(bench)
    const { exit, err } = await runMeanwhile(bench, ['store', 'restore', file], async () => {
      await inviteNumber(bench, 7)
    })
    expect(exit).toBe(9)
    expect(err).toContain('somebody wrote to the store meanwhile')
    expect(await expectOk(bench, ['device', 'list'])).toContain('user7@example.ch')
    expect(readdirSync(dirname(storeOf(bench)))).toEqual(['desk.keydesk'])
  })

  it('refuses the commit of a command that still has the old file open', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    const file = await backUp(bench)
    const { exit, err } = await runMeanwhile(bench, ['device', 'retire', phone.deviceId], async () => {
      await expectOk(bench, restore(file))
    })
    expect(exit).toBe(9)
    expect(err).toContain('another file took the place of')
    await unlock(bench)
    expect((await readRecord(bench)).map(({ action }) => action)).not.toContain('device.retire')
  })

  it('recovers from an older store file with the newest backup, and gives up nothing', async () => {
    const bench = await createDesk()
    const older = readFileSync(storeOf(bench))
    await inviteNumber(bench, 1)
    const file = await backUp(bench)
    writeFileSync(storeOf(bench), older)
    expect(JSON.parse(await expectOk(bench, [...restore(file), '--json']))).toMatchObject({ givenUp: 0, fromSeq: 4 })
    await unlock(bench)
    expect(await expectOk(bench, ['device', 'list'])).toContain('user1@example.ch')
  })

  it('does not trust a role that the operator had when the backup was made', async () => {
    const bench = await createDesk()
    const whenAdmin = await backUp(bench)
    await becomeHelpdesk(bench)
    expect(await run(bench, restore(whenAdmin))).toMatchObject({ exit: 6 })
  })

  it('works from the backup and the workstation’s config alone', async () => {
    const bench = await createDesk()
    await inviteNumber(bench, 1)
    const file = await backUp(bench)
    await expectOk(bench, ['lock'])
    rmSync(dirname(storeOf(bench)), { recursive: true })
    await expectOk(bench, [...restore(file), ...FROM_STDIN], passphrase)
    expect(await expectOk(bench, ['device', 'list', ...FROM_STDIN], passphrase)).toContain('user1@example.ch')
  })

  it('refuses a backup with a broken chain, and changes nothing', async () => {
    const bench = await createDesk()
    await inviteNumber(bench, 1)
    const file = await backUp(bench)
    const { DatabaseSync } = await import('node:sqlite')
    const db = new DatabaseSync(file)
    db.exec('UPDATE entry SET body = randomblob(80) WHERE seq = 2')
    db.close()
    const before = readFileSync(storeOf(bench))
    expect(await run(bench, restore(file))).toMatchObject({ exit: 8 })
    expect(readFileSync(storeOf(bench))).toEqual(before)
    expect(readdirSync(dirname(storeOf(bench)))).toEqual(['desk.keydesk'])
  })

  it('does not replace another store', async () => {
    const [bench, other] = [await createDesk(), await createDesk()]
    const file = await backUp(bench)
    renameSync(storeOf(bench), join(bench.home, 'mine'))
    copyFileSync(storeOf(other), storeOf(bench))
    const { exit, err } = await run(bench, restore(file))
    expect(exit).toBe(8)
    expect(err).toContain('is another store than the backup is of')
    expect(readFileSync(storeOf(bench))).toEqual(readFileSync(storeOf(other)))
  })

  it('shows a person the newest ten of the entries that would be given up', async () => {
    const bench = await createDesk()
    const file = await backUp(bench)
    for (let i = 0; i < 12; i++) await inviteNumber(bench, i)
    const { err, exit } = await runWithPerson(bench, ['store', 'restore', file], false)
    expect(exit).toBe(130)
    expect(err).toContain('12 entries would be given up; the backup ends at 3, the newest known is 15')
    expect(err.match(/device\.invite/g)).toHaveLength(10)
    expect(err).toContain('  15 2026')
  })
})

/** Runs a command with a person who says yes after `work` is done. The store is open meanwhile. */
async function runMeanwhile(bench: Bench, argv: readonly string[], work: () => Promise<void>) {
  const context = openContext(bench, { terminal: true })
  const confirm = async () => {
    await work()
    return true
  }
  const exit = await main(argv, { ...context, prompt: { ...context.prompt, confirm } })
  return { exit, err: context.stderr() }
}
