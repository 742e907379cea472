/**
 * Guards a call that is disturbed: the store is busy, the keys are forgotten, the terminal shrinks, or Ctrl-C comes at
 * the worst moment.
 * - Nothing that was committed is lost, and its code can be shown again.
 * - The message gives the next command, ready to be pasted.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { CTRL_C } from '../../fake-context.ts'
import { type Bench, createDesk, expectOk, invitePhone, PASSPHRASE, type Phone, readJson, run } from '../bench.ts'
import { afterCommit, HANG_UP, occupyStore } from '../between.ts'
import { playScreen, type Turn } from './played-screen.ts'

const ENTER = '\r'
const ESCAPE = '\u001b'
const KEY_C = '\u0003'
let bench: Bench
let phone: Phone
beforeEach(async () => {
  bench = await createDesk()
  phone = await invitePhone(bench)
})

type Entry = { readonly action: string; readonly outcome: string }
const record = async () =>
  (await readJson<Entry[]>(bench, ['reset', 'history'])).map(({ action, outcome }) => `${action} ${outcome}`)
const unlock = () => expectOk(bench, ['unlock', '--passphrase-file', '-'], { input: `${PASSPHRASE}\n` })

async function play(
  turns: readonly Turn[],
  answers: readonly (string | typeof CTRL_C)[] = [],
  screen = playScreen(turns),
) {
  const options = { terminal: true, env: { NO_COLOR: '1' }, screen, answers }
  const ended = await run(bench, ['call', 'zoe'], options)
  return { ...ended, shown: screen.shown() }
}
const toTicket = (): Turn[] => [
  ['nothing odd', ENTER],
  [' 0 of 15 symbols', phone.resetCode()],
  ['The desk words', ENTER],
  ['Who is calling', '3'],
]
const toAnswer = (): Turn[] => [...toTicket(), ['Ticket', `HD-4711${ENTER}`]]

/** The words of the command that the message gives after `words`; it can be pasted. */
const commandAfter = (err: string, words: RegExp): string[] =>
  (new RegExp(`${words.source}.*: keydesk (.*)$`, 'm').exec(err)?.[1] ?? '').split(' ')

describe('a store that is busy', () => {
  let release = () => {}
  const occupy = () => {
    release = occupyStore(bench)
  }

  it('is reported while the devices are read, and Enter reads them again', async () => {
    occupy()
    const { exit } = await play([
      ['another process is using', () => release()],
      ['could not be read: Enter tries again', ENTER],
      ['nothing odd', KEY_C],
    ])
    expect(exit).toBe(130)
  })

  it('is reported at the confirmation and at the outcome; a retry works once the store is free, and the code stays', async () => {
    const { exit, shown } = await play([
      ...toTicket(),
      ['Ticket', occupy],
      ['Ticket', `HD-4711${ENTER}`],
      ['another process is using', () => release()],
      ['another process is using', ENTER],
      ['three groups', occupy],
      ['three groups', ENTER],
      ['How it ended', '1'],
      ['another process is using', () => release()],
      ['another process is using', ESCAPE],
      ['three groups', ENTER],
      ['How it ended', '1'],
      ['Done', 'q'],
    ])
    expect([exit, shown.split(phone.confirmationCode()).length > 2]).toEqual([0, true])
    expect(await record()).toEqual(['reset.confirm ok', 'reset.outcome ok'])
  })
})

it('a cancelled passphrase loses nothing if the keys are forgotten while the code is read out', async () => {
  const turns: Turn[] = [
    ...toAnswer(),
    ['three groups', async () => void (await expectOk(bench, ['lock']))],
    ['three groups', ENTER],
    ['How it ended', '1'],
    ['cancelled', ESCAPE],
    ['three groups', ENTER],
    ['How it ended', '1'],
    ['Done', 'q'],
  ]
  const { exit, questions } = await play(turns, [CTRL_C, PASSPHRASE])
  expect([exit, questions]).toEqual([0, ['Passphrase of anna', 'Passphrase of anna']])
  await unlock()
  expect(await record()).toEqual(['reset.confirm ok', 'reset.outcome ok'])
})

it('a terminal that shrinks to 40×10 still shows the code', async () => {
  const size = { columns: 80, rows: 24 }
  const turns: Turn[] = [
    ...toAnswer(),
    [
      'three groups',
      () => {
        Object.assign(size, { columns: 40, rows: 10 })
        void screen.settled().then(() => screen.press(KEY_C))
      },
    ],
  ]
  const screen = playScreen(turns, size)
  const { shown } = await play(turns, [], screen)
  const last = shown.trimEnd().split('\n\n').at(-1) as string
  expect(last.split('\n').length).toBeLessThanOrEqual(10)
  expect(last).toContain(phone.confirmationCode())
})

describe('Ctrl-C between the commit and its code', () => {
  const disturbed = async (presses: number) => {
    const turns = toAnswer()
    const screen = playScreen(turns)
    const between = await afterCommit(bench, async () => {
      await screen.press(KEY_C.repeat(presses))
    })
    const ended = await play(turns, [], screen)
    await between.leave()
    expect(between.happened()).toBe(true)
    return ended
  }

  it('waits for the commit, and gives the command that shows the code', async () => {
    const { exit, err, shown } = await disturbed(1)
    expect([exit, shown.includes(phone.confirmationCode())]).toEqual([130, false])
    expect(err).toMatch(/confirmed, entry \d+; how it ended is not on record yet/)
    expect(await expectOk(bench, commandAfter(err, /to see its code again, within 10 min/))).toBe(
      `${phone.confirmationCode()}\n`,
    )
    expect(err).not.toContain(phone.confirmationCode())
  })

  it('does not wait if it is pressed twice, and claims only what is known', async () => {
    const { exit, err } = await disturbed(2)
    expect(exit).toBe(130)
    expect(err).toMatch(/the last step was under way, and may be on record: keydesk reset history --device \w{5}\n/)
    expect(err).not.toContain('nothing was confirmed')
    expect(await expectOk(bench, commandAfter(err, /to see its code again/))).toBe(`${phone.confirmationCode()}\n`)
  })

  it('gives a command for an administrator if policy shows no code twice', async () => {
    await expectOk(bench, ['policy', 'set', 'reset.repeatMinutes', '0'])
    const { err } = await disturbed(1)
    bench.nowMs += 1_000
    const command = commandAfter(err, /to see its code again, an admin/)
    expect(command.at(-1)).toBe('TEXT')
    expect(await expectOk(bench, command)).toBe(`${phone.confirmationCode()}\n`)
  })
})

describe('an agent that confirmed and never replied', () => {
  it('is asked again: the code is shown, and is a repeat in the audit log', async () => {
    const between = await afterCommit(bench, () => HANG_UP)
    const { exit, shown } = await play([...toAnswer(), ['may have been done', ENTER], ['three groups', KEY_C]])
    await between.leave()
    expect([exit, shown.includes('shown again: it was confirmed already')]).toEqual([130, true])
  })

  it('may have committed: after Ctrl-C, the message says so and gives the next command', async () => {
    const between = await afterCommit(bench, () => HANG_UP)
    const { err } = await play([...toAnswer(), ['may have been done', KEY_C]])
    await between.leave()
    expect(err).toMatch(/a step was not answered, and may be on record: keydesk reset history --device \w{5}\n/)
    expect(err).not.toContain('nothing was confirmed')
    expect(await expectOk(bench, commandAfter(err, /to see its code again/))).toBe(`${phone.confirmationCode()}\n`)
  })
})
