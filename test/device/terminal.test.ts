/** The device at a terminal: its questions, Ctrl-C and hints. Foreign text cannot control the terminal. */
import { beforeEach, describe, expect, it } from 'vitest'
import { type Answer, CTRL_C } from '../fake-context.ts'
import {
  answerOf,
  type Bench,
  createBench,
  createLocked,
  expectOk,
  NEW_PASSWORD,
  PASSWORD,
  readJson,
  readState,
  run,
  withNewPassword,
  withPassword,
  wrongCode,
} from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createLocked()
})

const person = (...answers: Answer[]) => ({ terminal: true, answers })

describe('enrolment', () => {
  it('asks for the code and twice for a password, and asks again until the password is accepted', async () => {
    const fresh = createBench()
    const answers = ['short', PASSWORD, 'something else', PASSWORD, PASSWORD]
    const { exit, out, err, questions } = await run(fresh, ['enroll', '-'], {
      ...person(fresh.enrolmentCode, ...answers),
      input: `${fresh.invitation}\n`,
    })
    expect([exit, out]).toEqual([0, expect.stringContaining('Enrolled with Röntgen AG')])
    expect(questions).toEqual([
      'Enrolment code',
      'New app password',
      'New app password',
      'The same again',
      'New app password',
      'The same again',
    ])
    expect(err).toContain('at least 8 characters')
    expect(err).toContain('not the same')
  })

  it('asks for no password when the code is wrong', async () => {
    const fresh = createBench()
    const other = createBench()
    const { exit, questions } = await run(fresh, ['enroll', fresh.invitation], person(other.enrolmentCode))
    expect([exit, questions]).toEqual([4, ['Enrolment code']])
  })
})

describe('forgot', () => {
  it('shows the reset code and the desk words, and the next step', async () => {
    const { resetCode, deskWords } = readState(bench)
    const { out, err } = await run(bench, ['forgot'], { terminal: true })
    expect(out).toBe(`Reset code  ${resetCode}\nDesk words  ${deskWords.join(' ')}\n`)
    expect(err).toContain('must say both desk words')
    expect((await run(bench, ['forgot', '--quiet'], { terminal: true })).err).toBe('')
  })

  it('prints only the reset code in a pipe', async () => {
    expect(await run(bench, ['forgot'])).toMatchObject({ out: `${readState(bench).resetCode}\n`, err: '' })
  })
})

describe('confirm', () => {
  it('asks for the code and twice for the new password', async () => {
    const { exit, questions } = await run(bench, ['confirm'], person(answerOf(bench), NEW_PASSWORD, NEW_PASSWORD))
    expect([exit, questions]).toEqual([0, ['Confirmation code', 'New app password', 'The same again']])
    await expectOk(bench, ['open', ...withPassword(bench, NEW_PASSWORD)])
  })

  it.each<[string, { answers: Answer[] }]>([
    ['the first question', { answers: [CTRL_C] }],
    ['the second', { answers: [NEW_PASSWORD, CTRL_C] }],
  ])('stays locked on Ctrl-C at %s', async (_, { answers }) => {
    const { exit, out, err } = await run(bench, ['confirm', answerOf(bench)], person(...answers))
    expect([exit, out]).toEqual([130, ''])
    expect(err).toContain('stays locked')
    expect(readState(bench)).toMatchObject({ epoch: 1, passwordSlot: null })
    expect(await readJson(bench, ['status'])).toMatchObject({ locked: true, passwordSet: false })
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
  })

  it('does not ask with --no-input', async () => {
    const { exit, out, questions } = await run(bench, ['confirm', answerOf(bench), '--no-input'], { terminal: true })
    expect([exit, questions]).toEqual([0, []])
    expect(out).toContain(`Reset code  ${readState(bench).resetCode}`)
  })
})

describe('open', () => {
  it('asks for the password of a locked app, and for none when it is open', async () => {
    expect(await run(bench, ['open'], person(PASSWORD))).toMatchObject({ exit: 0, questions: ['App password'] })
    expect(await run(bench, ['open'], person())).toMatchObject({ exit: 0, questions: [] })
    expect(await run(bench, ['get', 'mail.server'], person())).toMatchObject({ exit: 0, out: 'imap.example.ch\n' })
  })

  it('does nothing on Ctrl-C', async () => {
    expect(await run(bench, ['open'], person(CTRL_C))).toMatchObject({ exit: 130, out: '' })
    expect(readState(bench).passwordFailures.count).toBe(0)
  })

  it('asks for no password if the device has none', async () => {
    await expectOk(bench, ['confirm', answerOf(bench)])
    expect(await run(bench, ['open'], person())).toMatchObject({ exit: 5, questions: [] })
  })
})

describe('foreign text', () => {
  /** Control characters except the newline, and U+202E, which reverses the direction of text. */
  const MOVES_THE_TERMINAL = /[^\P{Cc}\n]|\u202e/u
  const evil = 'a\u001b]0;owned\u0007\u202eb'

  it('is escaped on a terminal and unchanged in a pipe', async () => {
    await expectOk(bench, ['put', 'note', evil, ...withPassword(bench)])
    const shown = await run(bench, ['get', 'note', ...withPassword(bench)], { terminal: true })
    expect(shown.out).not.toMatch(MOVES_THE_TERMINAL)
    expect(await expectOk(bench, ['get', 'note', ...withPassword(bench)])).toBe(`${evil}\n`)
  })

  it('is escaped if it comes from the invitation', async () => {
    const fresh = createBench({ user: evil })
    const { out, err } = await run(fresh, ['enroll', fresh.invitation], person(fresh.enrolmentCode, PASSWORD, PASSWORD))
    const status = await run(fresh, ['status'], { terminal: true })
    for (const text of [out, err, status.out]) {
      expect(text).toContain('u{1b}')
      expect(text).not.toMatch(MOVES_THE_TERMINAL)
    }
  })
})

describe('status', () => {
  it('shows the state of the device, the failed tries, and the file that stands in for its memory', async () => {
    const locked = await run(bench, ['status'], { terminal: true })
    expect(locked.out).toContain('locked')
    for (let count = 1; count <= 5; count++) await run(bench, ['confirm', wrongCode(count)])
    await run(bench, ['open', ...withPassword(bench, 'not the password')])
    const tried = await run(bench, ['status'], { terminal: true })
    expect(tried.out).toMatch(/Password +set; 1 wrong in a row\n/)
    expect(tried.out).toMatch(/Reset code +not shown; 5 wrong in a row, the next try is heard in 30 s\n/)
    await expectOk(bench, ['open', ...withPassword(bench)])
    const open = await run(bench, ['status'], { terminal: true })
    expect(open.out).toContain('open, 1 settings; the file "session" stands in')
  })
})
