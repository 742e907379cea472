/**
 * Questions at a real pseudo-terminal.
 * - A secret is never shown.
 * - Leaving a question is "cancelled" and nothing else.
 * - Afterwards the terminal has its old settings.
 * - A prompt settles on Ctrl-D. A prompt that does not settle hangs, or exits with 0.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/errors.ts'
import { terminalPrompt } from '../../src/term/prompt.ts'
import { playTerminal, type Turn } from './pseudo-terminal.ts'

const DRIVER = join(import.meta.dirname, 'terminal-driver.ts')
const CANCELLED = { refusal: { kind: 'cancelled', reason: 'cancelled', message: 'cancelled' } }
const SECRET = 'correct horse'
/** The last words of each task's question. */
const QUESTIONS = { secret: '(not shown)', text: 'Reset code', confirm: 'Block it (y/N)' } as const
const TASKS = ['secret', 'text', 'confirm'] as const
const home = mkdtempSync(join(tmpdir(), 'keydesk-prompt-'))
afterAll(() => rmSync(home, { recursive: true }))

type Played = { shown: string; outcome: unknown }
let runs = 0

/**
 * Runs a task of the driver at a pseudo-terminal; `before` and `after` are commands of the same shell.
 * Returns everything that was shown, and the outcome that the driver wrote.
 */
async function play(
  task: string,
  turns: readonly Turn[],
  { before = ':', after = ':', streams = '' } = {},
): Promise<Played> {
  const file = join(home, `outcome-${runs++}`)
  const shown = await playTerminal(
    `${before}; '${process.execPath}' '${DRIVER}' ${task} '${file}' ${streams}; ${after}`,
    turns,
  )
  return { shown, outcome: JSON.parse(readFileSync(file, 'utf8')) }
}

describe.skipIf(process.platform === 'win32')('at a terminal', { concurrent: true }, () => {
  test('a secret is read whole, and neither it nor its length is shown', async () => {
    const { shown, outcome } = await play('secret', [['(not shown)', `${SECRET}\r`]])
    expect(outcome).toEqual({ answer: SECRET, available: true })
    for (const part of ['correct', 'horse', '*', '•']) expect(shown).not.toContain(part)
  })

  test('Ctrl-T shows no secret either', async () => {
    const { shown, outcome } = await play('secret', [
      ['(not shown)', `${SECRET}\u0014`],
      ['\u001b[?25l', '\u0014\r'],
    ])
    expect(outcome).toEqual({ answer: SECRET, available: true })
    expect(shown).not.toContain('horse')
  })

  test('names in a question cannot act on the terminal', async () => {
    const { shown } = await play('secret', [['(not shown)', '\r']])
    expect(shown).toContain('Passphrase of "a\\u{1b}]0;b\\u{7}" (not shown)')
  })

  test.each(TASKS)('Ctrl-C at %s is cancelled, which is exit code 130', async (task) => {
    const { outcome } = await play(task, [[QUESTIONS[task], '\u0003']])
    expect(outcome).toEqual(CANCELLED)
    expect(EXIT_CODES.cancelled).toBe(130)
  })

  test.each(TASKS)(
    'Ctrl-D at %s is cancelled too, and at once, although a timer keeps the program alive',
    async (task) => {
      expect((await play(task, [[QUESTIONS[task], '\u0004']])).outcome).toEqual(CANCELLED)
    },
  )

  test('half an answer and Ctrl-C is no answer', async () => {
    const { shown, outcome } = await play('secret', [['(not shown)', `${SECRET}\u0003`]])
    expect(outcome).toEqual(CANCELLED)
    expect(shown).not.toContain('horse')
  })

  test.each([
    ['an answer', `${SECRET}\r`],
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('after %s the terminal has its old settings', async (_, typed) => {
    const settings = (name: string) => `echo "stty ${name}=$(stty -g)"`
    const { shown } = await play('secret', [['(not shown)', typed]], {
      before: settings('before'),
      after: settings('after'),
    })
    const [, before] = /stty before=(\S+)/.exec(shown) as RegExpExecArray
    const [, after] = /stty after=(\S+)/.exec(shown) as RegExpExecArray
    expect(after).toBe(before)
    expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'))
  })

  test('two questions after each other both get their answer', async () => {
    const { outcome } = await play('twice', [
      ['? Passphrase (not shown)', 'one\r'],
      ['again (not shown)', 'two\r'],
    ])
    expect(outcome).toEqual({ answer: ['one', 'two'], available: true })
  })

  test('a question continues after Ctrl-Z and fg', async () => {
    const file = join(home, 'outcome-stopped')
    const line = `'${process.execPath}' '${DRIVER}' secret '${file}'`
    await playTerminal("PS1='ready> ' sh -i", [
      ['ready> ', `${line}\r`],
      ['(not shown)', 'correct \u001a'],
      [['Stopped', 'ready> '], 'fg\r'],
      [DRIVER, 'horse\r'],
      ['ready> ', 'exit\r'],
    ])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ answer: SECRET, available: true })
  })

  test('text is shown as it is typed', async () => {
    const { shown, outcome } = await play('text', [['Reset code', 'NBAJN\r']])
    expect(outcome).toEqual({ answer: 'NBAJN', available: true })
    expect(shown).toContain('NBAJN')
  })

  test('pasted text cannot act on the terminal, and is returned unchanged', async () => {
    const { shown, outcome } = await play('text', [['Reset code', 'a\u202eb\r']])
    expect(outcome).toEqual({ answer: 'a\u202eb', available: true })
    expect(shown).toContain('a\\u{202e}b')
    expect(shown).not.toContain('\u202e')
  })

  test.each([
    ['\r', false],
    ['y\r', true],
    ['Yes\r', true],
    ['n\r', false],
  ])('%j to a yes-or-no question is %s', async (typed, answer) => {
    expect((await play('confirm', [['Block it (y/N)', typed]])).outcome).toEqual({ answer, available: true })
  })

  test.each(TASKS)('the question of %s has no colours', async (task) => {
    const { shown } = await play(task, [[QUESTIONS[task], 'y\r']], { before: 'export FORCE_COLOR=3' })
    expect(shown).toContain('? ')
    expect(shown).not.toMatch(/\p{Cc}\[[\d;]*m/u)
  })

  test('a question does not touch stdout', async () => {
    const piped = join(home, 'stdout')
    const { shown } = await play('confirm', [['Block it (y/N)', 'y\r']], { streams: `> '${piped}'` })
    expect(shown).toContain('? Block it')
    expect(readFileSync(piped, 'utf8')).toBe('')
  })

  test('without a terminal a question is refused', async () => {
    const { outcome } = await play('secret', [], { streams: '2> /dev/null' })
    expect(outcome).toMatchObject({ refusal: { kind: 'usage', reason: 'no-terminal' } })
    const piped = await play('secret', [], { streams: '< /dev/null' })
    expect(piped.outcome).toMatchObject({ refusal: { kind: 'usage', reason: 'no-terminal' } })
  })
})

test('the stream objects of the process are not touched before the first question', () => {
  const untouched = Object.defineProperties(
    {},
    Object.fromEntries(['stdin', 'stderr'].map((name) => [name, { get: () => expect.fail(`${name} was touched`) }])),
  )
  const none = () => undefined
  const io = {
    out: none,
    err: none,
    readInput: () => '',
    readLines: () => [],
    stdinIsTerminal: true,
    stdoutIsTerminal: true,
    stderrIsTerminal: true,
    columns: 80,
  }
  expect(terminalPrompt(io, untouched as never).available).toBe(true)
})
