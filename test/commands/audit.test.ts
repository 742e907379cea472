/**
 * Guards how the audit log is listed, followed and exported: only the entries asked for, in batches, and without
 * blocking other commands.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allow } from '../../src/desk/decision.ts'
import { KeydeskError } from '../../src/errors.ts'
import { withDesk } from '../../src/session/open.ts'
import { type Bench, createDesk, expectOk, invitePhone, openContext, type RunOptions, readJson, run } from './bench.ts'

type Listed = { readonly seq: number; readonly action: string; readonly outcome: string }

const MINUTE = 60_000
const ANYONE = { input: false, color: false }

/** A desk in which entry 3 + i was made i minutes after the first two. */
async function createRecord(devices: number): Promise<Bench> {
  const bench = await createDesk()
  for (let i = 0; i < devices; i++) {
    await invitePhone(bench, `user${i}@example.ch`)
    bench.nowMs += MINUTE
  }
  return bench
}

const list = async (bench: Bench, ...argv: string[]) =>
  (await readJson<Listed[]>(bench, ['audit', 'list', ...argv])).map(({ seq }) => seq)
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '')
const seqsOf = (text: string) => linesOf(text).map((line) => (JSON.parse(line) as Listed).seq)

/** Adds `count` entries. Their actions are test.0 to test.6, in turn. */
async function addEntries(bench: Bench, count: number, options: RunOptions = {}): Promise<void> {
  await withDesk(openContext(bench, options), ANYONE, async (desk) => {
    for (let i = 0; i < count; i++)
      await desk.commit(async () => allow({ action: `test.${i % 7}`, subject: null, details: {} }, [], null))
  })
}

describe('audit list', async () => {
  const bench = await createRecord(4)
  const code = (await invitePhone(bench, 'eve@example.ch')).resetCode()
  await run(bench, ['reset', 'confirm', code, '--device', 'user0'])

  it.each([
    [
      ['--since', '2026-03-02T09:02:00Z'],
      [5, 6, 7, 8],
    ],
    [
      ['--until', '2026-03-02T09:01:00Z'],
      [1, 2, 3, 4],
    ],
    [
      ['--since', '3m', '--until', '2m'],
      [4, 5],
    ],
    [
      ['--since', '2026-03-02Z', '--until', '2026-03-02Z'],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ],
    [['--until', '2026-03-01Z'], []],
    [
      ['--outcome', 'ok'],
      [1, 2, 3, 4, 5, 6, 7],
    ],
    [['--outcome', 'refused'], [8]],
    [['--outcome', 'other-device'], [8]],
    [['--outcome', 'old-epoch'], []],
    [
      ['--limit', '2', '--action', 'device.'],
      [6, 7],
    ],
    [['--limit', '1', '--since', '2026-03-02T09:00Z', '--until', '2026-03-02T09:00Z'], [3]],
  ] as const)('lists the entries that %j selects', async (argv, seqs) => {
    expect(await list(bench, ...argv)).toEqual(seqs)
    expect(seqsOf(await expectOk(bench, ['audit', 'list', '--ndjson', ...argv]))).toEqual(seqs)
  })

  it.each([
    ['--since', 'yesterday'],
    ['--until', '2026-02-30'],
    ['--follow', '--until', '1h'],
    ['--follow', '--json'],
    ['--limit', '0'],
  ])('%s %s is a usage error', async (...argv) => {
    expect(await run(bench, ['audit', 'list', ...argv])).toMatchObject({ exit: 2, out: '' })
  })
})

describe('an audit log that is longer than one batch', async () => {
  const bench = await createDesk()
  await addEntries(bench, 1_100)
  const all = Array.from({ length: 1_102 }, (_, i) => i + 1)

  it('is listed complete and in order, in every form', async () => {
    expect(await list(bench)).toEqual(all)
    expect(seqsOf(await expectOk(bench, ['audit', 'list', '--ndjson']))).toEqual(all)
    const plain = linesOf(await expectOk(bench, ['audit', 'list']))
    expect(plain.map((line) => Number(line.split('\t')[0]))).toEqual(all)
    expect(seqsOf(await expectOk(bench, ['audit', 'export']))).toEqual(all)
  })

  it('is printed in parts, before all of it is read', async () => {
    const parts: string[] = []
    await expectOk(bench, ['audit', 'list', '--ndjson'], { onOut: (text) => void parts.push(text) })
    expect(parts.length).toBeGreaterThan(2)
  })

  it.each([1, 499, 500, 501, 1_101, 5_000])('is read from its end for its newest %i entries', async (limit) => {
    expect(await list(bench, '--limit', String(limit))).toEqual(all.slice(-limit))
    expect(seqsOf(await expectOk(bench, ['audit', 'list', '--ndjson', '--limit', String(limit)]))).toEqual(
      all.slice(-limit),
    )
  })

  it('gives the newest entries that match, however far apart they are', async () => {
    const found = await readJson<Listed[]>(bench, ['audit', 'list', '--action', 'test.3', '--limit', '150'])
    const every = await readJson<Listed[]>(bench, ['audit', 'list', '--action', 'test.3'])
    expect(every.length).toBeGreaterThan(150)
    expect(found).toEqual(every.slice(-150))
    expect(await list(bench, '--action', 'store.', '--limit', '3')).toEqual([1])
  })

  it('is not read further once the reader has closed stdout', async () => {
    const context = openContext(bench)
    let parts = 0
    const io = { ...context.io, out: () => void parts++, outIsClosed: true }
    const { main } = await import('../../src/program/keydesk.ts')
    expect(await main(['audit', 'list', '--ndjson'], { ...context, io })).toBe(0)
    expect(parts).toBe(1)
    // Without that check, this command would wait forever.
    expect(await main(['audit', 'list', '--follow'], { ...context, io })).toBe(0)
  })
})

describe('audit list --follow', () => {
  const CANCELLED = new KeydeskError('cancelled', 'cancelled', 'stopped by Ctrl-C')

  /** Follows the audit log. Each pause runs one of the `turns`, and the pause after the last turn ends as at Ctrl-C. */
  async function follow(bench: Bench, argv: readonly string[], turns: (() => Promise<unknown>)[]) {
    const left = [...turns]
    const waited: number[] = []
    const pause = async (milliseconds: number) => {
      waited.push(milliseconds)
      const turn = left.shift()
      if (turn === undefined) throw CANCELLED
      await turn()
    }
    return { ...(await run(bench, ['audit', 'list', '--follow', ...argv], { pause })), waited }
  }

  it('prints the existing entries and then each new one, all once, until Ctrl-C', async () => {
    const bench = await createRecord(1)
    const { exit, out, err, waited } = await follow(
      bench,
      ['--ndjson'],
      [
        () => invitePhone(bench, 'a@example.ch'),
        async () => undefined,
        () => addEntries(bench, 600),
        () => invitePhone(bench, 'b@example.ch'),
      ],
    )
    expect(exit).toBe(130)
    expect(seqsOf(out)).toEqual(Array.from({ length: 605 }, (_, i) => i + 1))
    expect(err).toBe('keydesk: stopped by Ctrl-C\n')
    expect(waited).toEqual(Array.from({ length: 5 }, () => 500))
  })

  it('begins with the newest entry, and prints only the entries asked for', async () => {
    const bench = await createRecord(3)
    const turns = [() => addEntries(bench, 2), () => invitePhone(bench, 'a@example.ch')]
    const { out } = await follow(bench, ['--limit', '1', '--action', 'device.'], turns)
    expect(linesOf(out).map((line) => line.split('\t').slice(0, 4))).toEqual([
      ['5', '2026-03-02T09:02:00.000Z', 'anna', 'device.invite'],
      ['8', '2026-03-02T09:03:00.000Z', 'anna', 'device.invite'],
    ])
  })

  it('blocks no commit while it waits: no transaction is open', async () => {
    const bench = await createRecord(1)
    // A commit that meets an open snapshot would wait, and then fail as busy.
    let committed = 0
    const commit = () => addEntries(bench, 1).then(() => committed++)
    const { exit } = await follow(
      bench,
      [],
      Array.from({ length: 20 }, () => commit),
    )
    expect([exit, committed]).toEqual([130, 20])
  })
})

describe('audit export', () => {
  it('writes a complete file with mode 0600, and no other file', async () => {
    const bench = await createRecord(2)
    const out = join(bench.home, 'record.csv')
    expect(await readJson(bench, ['audit', 'export', '--csv', '--out', out])).toEqual({ entries: 4, file: out })
    expect(statSync(out).mode & 0o777).toBe(0o600)
    const text = readFileSync(out, 'utf8')
    expect(text).toBe(await expectOk(bench, ['audit', 'export', '--csv']))
    expect(text.endsWith('\r\n')).toBe(true)
    expect(text.split('\r\n')).toHaveLength(6)
    expect(readdirSync(bench.home).filter((name) => name.startsWith('record'))).toEqual(['record.csv'])
  })

  it('gives each entry with its hash, its signature and its signer', async () => {
    const bench = await createRecord(1)
    const exported = linesOf(await expectOk(bench, ['audit', 'export'])).map((line) => JSON.parse(line))
    const listed = await readJson<object[]>(bench, ['audit', 'list'])
    const { hash } = await readJson<{ hash: string }>(bench, ['audit', 'checkpoint'])
    expect(exported.at(-1).hash).toBe(hash)
    for (const [i, entry] of exported.entries()) {
      expect(entry).toMatchObject(listed[i] as object)
      expect(entry.signature).toMatch(/^[0-9a-f]{128}$/)
      expect(entry.operatorId).toMatch(/^[0-9a-f]{32}$/)
    }
  })

  it('has the details of each entry in one cell, as JSON that stays valid with any content', async () => {
    const bench = await createDesk()
    const details = { note: 'a "quoted", \u202etext\n=1+1', tag: 'NBAJN' }
    await withDesk(openContext(bench), ANYONE, (desk) =>
      desk.commit(async () => allow({ action: 'test.act', subject: null, details }, [], null)),
    )
    const last = (await expectOk(bench, ['audit', 'export', '--csv'])).split('\r\n').at(-2) as string
    const cell = /,ok,"((?:[^"]|"")*)",1,/.exec(last)?.[1] as string
    expect(JSON.parse(cell.replaceAll('""', '"'))).toEqual({ note: details.note, tag: 22391381 })
  })

  it('leaves no file behind if the audit log cannot be read', async () => {
    const bench = await createRecord(1)
    const { tamper } = await import('../store/fixtures.ts')
    tamper(join(bench.home, '.local/share/keydesk/desk.keydesk'), "UPDATE entry SET body = x'00' WHERE seq = 2")
    const out = join(bench.home, 'record.ndjson')
    expect(await run(bench, ['audit', 'export', '--out', out])).toMatchObject({ exit: 8, out: '' })
    expect(existsSync(out)).toBe(false)
  })
})

describe('store verify', () => {
  it('prints every fault and what to do, and gives exit 8', async () => {
    const bench = await createRecord(2)
    const { tamper } = await import('../store/fixtures.ts')
    tamper(join(bench.home, '.local/share/keydesk/desk.keydesk'), "DELETE FROM blind WHERE name = 'tag'")
    const { exit, out, err } = await run(bench, ['store', 'verify'])
    expect([exit, out]).toEqual([8, ''])
    expect(err.match(/^fault: device [0-9a-f]{32} cannot be found by its tag: the index is missing$/gm)).toHaveLength(2)
    expect(err).toMatch(/^keydesk: the store does not verify: 2 faults$/m)
    expect(err).toMatch(/^hint: /m)
    const json = await run(bench, ['store', 'verify', '--json'])
    expect(JSON.parse(json.err).error).toMatchObject({ exit: 8, reason: 'store-faults', faultCount: 2 })
    expect(JSON.parse(json.err).error.faults.map(({ what }: { what: string }) => what)).toEqual([
      'missing-index',
      'missing-index',
    ])
  })
})
