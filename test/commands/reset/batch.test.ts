/**
 * Guards `reset confirm --batch`:
 * - Each line gets one answer, in the order of the input, and one audit entry, as a single confirmation would.
 * - A bad line does not affect another line.
 * - The exit code is that of the worst line.
 * - Nothing is confirmed that a single confirmation would refuse.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { deriveResetCode } from '../../../src/crypto/index.ts'
import { main } from '../../../src/program/keydesk.ts'
import { hex } from '../../crypto/fixtures.ts'
import { tamper } from '../../store/fixtures.ts'
import {
  type Bench,
  createDesk,
  expectOk,
  invitePhone,
  openContext,
  type Phone,
  readJson,
  run,
  storeOf,
} from '../bench.ts'

type Result = {
  readonly line: number
  readonly confirmationCode?: string
  readonly auditSeq: number | null
  readonly error?: { readonly code: string; readonly exit: number; readonly reason: string }
  readonly [field: string]: unknown
}

let bench: Bench
const phones: Phone[] = []
beforeAll(async () => {
  bench = await createDesk()
  for (let i = 0; i < 6; i++) phones.push(await invitePhone(bench, `user${i}@example.ch`))
})

const phone = (i: number) => phones[i] as Phone
async function batch(lines: readonly string[], ...flags: string[]) {
  const { exit, out, err } = await run(bench, ['reset', 'confirm', '--batch', '-', ...flags], {
    input: `${lines.join('\n')}\n`,
  })
  const results = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Result)
  return { exit, err, results }
}
const entries = () =>
  readJson<{ seq: number; action: string; outcome: string; ticket: string | null }[]>(bench, ['reset', 'history'])

describe('a batch', () => {
  it('answers each line as a single confirm would, in order, with one entry each', async () => {
    const order = [3, 0, 2, 1]
    const { exit, err, results } = await batch(
      order.map((i) => phone(i).resetCode()),
      '--verified-by',
      'manager',
      '--ticket',
      'HD-1',
    )
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(results.map(({ line }) => line)).toEqual([1, 2, 3, 4])
    expect(results.map(({ confirmationCode }) => confirmationCode)).toEqual(
      order.map((i) => phone(i).confirmationCode()),
    )
    expect(results.map(({ deviceId }) => deviceId)).toEqual(order.map((i) => phone(i).deviceId))
    const { auditSeq, line: _line, ...first } = results[0] as Result
    const single = await readJson<Result>(bench, [
      'reset',
      'confirm',
      phone(3).resetCode(),
      '--verified-by',
      'manager',
      '--ticket',
      'HD-1',
    ])
    // Only a single confirmation has `draft` and `copied`.
    const { auditSeq: _seq, draft: _draft, copied: _copied, ...again } = single
    expect({ ...first, repeated: true }).toEqual(again)
    const recorded = (await entries()).slice(0, 4)
    expect(recorded.map(({ seq }) => seq)).toEqual(results.map((result) => result.auditSeq))
    expect(recorded[0]?.seq).toBe(auditSeq)
    await expectOk(bench, ['store', 'verify'])
  })

  it('gives each bad line its own error and answers the others; the worst line gives the exit code', async () => {
    const wrong = phone(1).resetCode(1)
    const forged = forge(phone(0), phone(1), 1)
    const lines = [
      '# runbook 7',
      '',
      phone(0).resetCode(1),
      'ABC',
      forged,
      `${wrong[0] === 'X' ? 'Y' : 'X'}${wrong.slice(1)}`,
      '{"code":5}',
      phone(2).resetCode(1),
    ]
    const { exit, err, results } = await batch(lines)
    expect(results.map(({ line, error }) => [line, error?.reason ?? 'ok'])).toEqual([
      [3, 'ok'],
      [4, 'wrong-length'],
      [5, 'not-genuine'],
      [6, 'corrected'],
      [7, 'bad-line'],
      [8, 'ok'],
    ])
    expect(results[0]?.confirmationCode).toBe(phone(0).confirmationCode(1))
    expect(exit).toBe(Math.max(...results.map(({ error }) => error?.exit ?? 0)))
    expect(err).toContain('4 of 6 codes were not confirmed')
    expect(JSON.stringify(results.filter(({ error }) => error !== undefined))).not.toContain(
      phone(1).confirmationCode(1),
    )
  })

  it('takes lines of JSON, whose fields replace the flags for that line', async () => {
    const lines = [
      JSON.stringify({ code: phone(4).resetCode(), verifiedBy: 'in-person', ticket: 'HD-4' }),
      JSON.stringify({ code: phone(5).resetCode() }),
      JSON.stringify({ code: phone(5).resetCode(), passphrase: 'x' }),
      JSON.stringify({ code: phone(5).resetCode(), verifiedBy: 'guess' }),
      JSON.stringify({ code: phone(5).resetCode(), totp: '123456', verifiedBy: 'manager' }),
      `{"code": "${phone(5).resetCode()}"`,
    ]
    const { results } = await batch(lines, '--verified-by', 'callback', '--ticket', 'HD-0')
    expect(results.map(({ verifiedBy, ticket, error }) => [verifiedBy, ticket, error?.reason])).toEqual([
      ['in-person', 'HD-4', undefined],
      ['callback', 'HD-0', undefined],
      [undefined, undefined, 'bad-line'],
      [undefined, undefined, 'bad-line'],
      [undefined, undefined, 'options-exclude'],
      [undefined, undefined, 'bad-line'],
    ])
  })

  it('counts wrong codes one by one, and refuses the lines after them once they block the device', async () => {
    const victim = await invitePhone(bench, 'victim@example.ch')
    const other = await invitePhone(bench, 'other@example.ch')
    const guesses = Array.from({ length: 25 }, (_, i) => i).map((epoch) => forge(victim, other, epoch))
    const { results } = await batch([...guesses, victim.resetCode()])
    const reasons = results.map(({ error }) => error?.reason)
    const blockedAt = reasons.indexOf('blocked')
    expect(blockedAt).toBeGreaterThan(0)
    expect(reasons.slice(blockedAt).every((reason) => reason === 'blocked')).toBe(true)
    expect(results.every(({ confirmationCode }) => confirmationCode === undefined)).toBe(true)
  })

  it('continues after a device whose record is damaged', async () => {
    const copy = await createDesk()
    const [a, b] = [await invitePhone(copy, 'a@example.ch'), await invitePhone(copy, 'b@example.ch')]
    tamper(
      storeOf(copy),
      'UPDATE record SET secret = zeroblob(73) WHERE collection = ? AND id = ?',
      'device',
      Buffer.from(a.deviceId, 'hex'),
    )
    const { exit, out } = await run(copy, ['reset', 'confirm', '--batch', '-'], {
      input: `${a.resetCode()}\n${b.resetCode()}\n`,
    })
    const [first, second] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Result)
    expect(exit).toBe(8)
    expect(first?.error?.reason).toBe('damaged-record')
    expect(second?.confirmationCode).toBe(b.confirmationCode())
  })

  it('confirms nothing more once the reader has closed stdout', async () => {
    const file = join(bench.home, 'many.txt')
    // Far enough down that it is read only after the first answers.
    const last = await invitePhone(bench, 'last@example.ch')
    writeFileSync(file, `${'nonsense\n'.repeat(4_000)}${last.resetCode()}\n`)
    const context = openContext(bench)
    let parts = 0
    const io = Object.defineProperty({ ...context.io, out: () => void parts++ }, 'outIsClosed', {
      get: () => parts > 0,
    })
    const before = (await entries()).length
    expect(await main(['reset', 'confirm', '--batch', file], { ...context, io })).toBe(3)
    expect([parts, (await entries()).length]).toEqual([1, before])
  })

  it('reads a file, gives no answer for an empty one, and refuses flags that are for a single code', async () => {
    const file = join(bench.home, 'codes.txt')
    writeFileSync(file, `\ufeff${phone(3).resetCode(1)}\r\n${phone(2).resetCode(2)}`.replace('\ufeff', ''))
    const { out, exit, err } = await run(bench, ['reset', 'confirm', '--batch', file])
    expect([exit, out.trim().split('\n').length]).toEqual([0, 2])
    expect(err).toBe('warning: 2 of 2 callers were not verified; if you made sure of them, say how by --verified-by\n')
    expect(await batch(['', '# nothing'])).toMatchObject({ exit: 0, results: [] })
    const single = [
      ['--device', 'x'],
      ['--totp', '123456'],
      ['--spell'],
      ['--email', 'x.eml'],
      ['--language', 'de'],
      ['--copy'],
    ]
    for (const flags of single) expect((await run(bench, ['reset', 'confirm', '--batch', file, ...flags])).exit).toBe(2)
    expect((await run(bench, ['reset', 'confirm', phone(0).resetCode(), '--batch', file])).exit).toBe(2)
    const both = await run(bench, ['reset', 'confirm', '--batch', '-', '--passphrase-file', '-'], { input: 'x\n' })
    expect(both.err).toContain('cannot both be read from standard input')
  })
})

/** A well-formed code with the victim's tag, made without the victim's secret. */
function forge(victim: Phone, other: Phone, epoch: number): string {
  return deriveResetCode(other.secret, { id: hex(victim.deviceId), tag: victim.tag, epoch })
}
