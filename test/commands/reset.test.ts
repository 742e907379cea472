/**
 * Guards parts of `reset` that transcripts show badly:
 * - All arguments are checked before anything is confirmed.
 * - Of several confirmations at the same time, one is the first, and the others are repeats.
 * - A correction is confirmed only after a yes.
 */
import { stripVTControlCharacters } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import { CTRL_C } from '../fake-context.ts'
import { tamper } from '../store/fixtures.ts'
import {
  type Bench,
  createDesk,
  expectOk,
  invitePhone,
  type Phone,
  readJson,
  run,
  runWithPerson,
  storeOf,
} from './bench.ts'

let bench: Bench
let phone: Phone
beforeEach(async () => {
  bench = await createDesk()
  phone = await invitePhone(bench)
})

type Entry = { readonly seq: number; readonly outcome: string; readonly corrected: boolean; readonly tag: number }
const history = () => readJson<Entry[]>(bench, ['reset', 'history'])
const confirm = (code: string, ...options: string[]) => run(bench, ['reset', 'confirm', code, ...options])

/** The code with its first symbol misheard. */
const mishear = (code: string): string => `${code[0] === 'X' ? 'Y' : 'X'}${code.slice(1)}`

describe('a bad argument', () => {
  it.each([
    ['a spelling that there is not', ['--spell', 'klingon']],
    ['an empty ticket', ['--ticket', ' ']],
    ['a reason that cannot be shown', ['--reason', 'a\u202eb']],
    ['a method that there is not', ['--verified-by', 'birthday']],
    ['a device that is not there', ['--device', 'nobody']],
    ['no device at all', ['--device', '']],
  ])('(%s) is reported before anything is confirmed', async (_, options) => {
    const { exit, out } = await confirm(phone.resetCode(), ...options)
    expect([2, 7]).toContain(exit)
    expect(out).toBe('')
    expect(await history()).toEqual([])
  })
})

describe('a reset code', () => {
  it('is reported as damage, not as a code of another desk, if the index of its device is missing', async () => {
    tamper(storeOf(bench), "DELETE FROM blind WHERE collection = 'device'")
    for (const verb of ['check', 'confirm']) {
      const { exit, out, err } = await run(bench, ['reset', verb, phone.resetCode()])
      expect([exit, out, err]).toEqual([8, '', expect.stringContaining(`does not verify (device ${phone.deviceId})`)])
    }
  })

  it.each([
    ['in three words', (code: string) => code.split('-')],
    ['in two', (code: string) => [code.slice(0, 5), code.slice(6)]],
    ['in lower case, with spaces', (code: string) => [code.toLowerCase().replaceAll('-', '  ')]],
    ['with the letters that digits are taken for', (code: string) => [code.replaceAll('0', 'O').replaceAll('1', 'l')]],
    ['after --spell', (code: string) => ['--spell', code]],
    ['in three words after --spell', (code: string) => ['--spell', ...code.split('-')]],
    ['before --spell and its language', (code: string) => [code, '--spell', 'de']],
  ])('is understood %s', async (_, words) => {
    const { out } = await run(bench, ['reset', 'confirm', ...words(phone.resetCode()), '--quiet'])
    expect(out).toBe(`${phone.confirmationCode()}\n`)
  })

  it('is understood from standard input, with the spaces and line ends of a file', async () => {
    for (const input of [phone.resetCode(), `${phone.resetCode()}\r\n`, ` ${phone.resetCode()} \n\n`]) {
      expect(await run(bench, ['reset', 'confirm', '-', '--quiet'], { input })).toMatchObject({ exit: 0, err: '' })
      expect(await run(bench, ['reset', 'confirm', '--spell', '-', '--quiet'], { input })).toMatchObject({ exit: 0 })
    }
  })

  it('is asked for if there is a person and no code was given', async () => {
    const { exit, questions } = await runWithPerson(bench, ['reset', 'confirm', '--quiet'], phone.resetCode())
    expect([exit, questions]).toEqual([0, ['Reset code']])
    expect(await runWithPerson(bench, ['reset', 'check'], CTRL_C)).toMatchObject({ exit: 130, out: '' })
  })
})

describe('a correction', () => {
  it('is confirmed after a yes, and both steps are in the audit log', async () => {
    const code = phone.resetCode()
    const { exit, out, questions } = await runWithPerson(bench, ['reset', 'confirm', mishear(code)], true)
    expect([exit, questions]).toEqual([0, [`Read back ${code}. Does the app show just that?`]])
    expect(out).toContain(phone.confirmationCode())
    expect((await history()).map(({ outcome, corrected }) => [outcome, corrected])).toEqual([
      ['corrected', true],
      ['ok', true],
    ])
  })

  it.each([
    ['a no', false, 3],
    ['Ctrl-C', CTRL_C, 130],
  ] as const)('is not confirmed after %s', async (_, answer, expected) => {
    const { exit, out } = await runWithPerson(bench, ['reset', 'confirm', mishear(phone.resetCode())], answer)
    expect([exit, out]).toEqual([expected, ''])
    expect((await history()).map(({ outcome }) => outcome)).toEqual(['corrected'])
  })

  it('is not offered if the device never showed the code', async () => {
    const other = await invitePhone(bench, 'max@example.ch')
    const [first] = phone.resetCode().split('-')
    const mixed = [first, ...other.resetCode().split('-').slice(1)].join('-')
    const { exit, out, questions } = await runWithPerson(bench, ['reset', 'confirm', mixed])
    // About one such mixture in a thousand has valid check symbols. Then the MAC refuses it.
    expect([3, 4]).toContain(exit)
    expect([out, questions]).toEqual(['', []])
  })

  it('is not offered if the device is blocked', async () => {
    await expectOk(bench, ['device', 'block', phone.deviceId])
    const { exit, questions } = await runWithPerson(bench, ['reset', 'confirm', mishear(phone.resetCode())])
    expect([exit, questions]).toEqual([6, []])
  })
})

describe('the screen', () => {
  const colours = { TERM: 'xterm-256color' }
  const show = async (env: Record<string, string>, ...options: string[]) =>
    (await run(bench, ['reset', 'confirm', phone.resetCode(), ...options], { terminal: true, env })).out

  it('has colours on a terminal that supports them, and the same text without', async () => {
    await show(colours)
    const coloured = await show(colours)
    expect(coloured).toContain('\u001b[')
    for (const plain of [await show({ ...colours, NO_COLOR: '1' }), await show(colours, '--no-color')]) {
      expect(plain).not.toContain('\u001b')
      // A line may end in coloured blanks.
      expect(stripVTControlCharacters(coloured).replace(/ +$/gm, '')).toBe(plain)
    }
  })

  it('has no colours in a pipe, even if colours are forced', async () => {
    const { out } = await run(bench, ['reset', 'confirm', phone.resetCode()], { env: { ...colours, FORCE_COLOR: '1' } })
    expect(out).toBe(`${phone.confirmationCode()}\n`)
  })
})

describe('confirmations at the same time', () => {
  it('get the same code, and all except one are marked as repeats', async () => {
    const both = await Promise.all(
      [1, 2, 3, 4].map(() => run(bench, ['reset', 'confirm', phone.resetCode(), '--json'])),
    )
    const answers = both.map(
      ({ out }) => JSON.parse(out) as { confirmationCode: string; repeated: boolean; auditSeq: number },
    )
    expect(new Set(answers.map(({ confirmationCode }) => confirmationCode)).size).toBe(1)
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1)
    expect(new Set(answers.map(({ auditSeq }) => auditSeq)).size).toBe(4)
  })
})

describe('tags in JSON', () => {
  it('are the same number in every command', async () => {
    const check = await readJson<{ tag: number }>(bench, ['reset', 'check', phone.resetCode()])
    const answer = await readJson<{ tag: number }>(bench, ['reset', 'confirm', phone.resetCode()])
    const show = await readJson<{ tag: number }>(bench, ['device', 'show', String(phone.deviceId)])
    const tags = [check, answer, show, ...(await history())].map(({ tag }) => tag)
    expect(new Set(tags)).toEqual(new Set([phone.tag]))
  })
})
