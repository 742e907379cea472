/**
 * Guards calls from the first screen to the audit log, on a real desk with its agent: what is committed, when, and what
 * is said of it afterwards.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { type SpellingLanguage, spellCode } from '../../../src/term/spelling.ts'
import { showCode } from '../../authenticator.ts'
import { CTRL_C } from '../../fake-context.ts'
import { type Bench, createDesk, expectOk, invitePhone, PASSPHRASE, type Phone, readJson, run } from '../bench.ts'
import { type PlayedScreen, playScreen, type Turn } from './played-screen.ts'

const ENTER = '\r'
const KEY_C = '\u0003'
let bench: Bench
let phone: Phone
beforeEach(async () => {
  bench = await createDesk()
  phone = await invitePhone(bench)
})

type Entry = {
  readonly action: string
  readonly outcome: string
  readonly result?: string
  readonly ticket?: string | null
}
const unlock = () => expectOk(bench, ['unlock', '--passphrase-file', '-'], { input: `${PASSPHRASE}\n` })
const record = async () =>
  (await readJson<Entry[]>(bench, ['reset', 'history'])).map(({ action, outcome }) => `${action} ${outcome}`)

async function play(
  turns: readonly Turn[],
  argv: readonly string[] = [],
  answers: readonly (string | typeof CTRL_C)[] = [],
) {
  const screen: PlayedScreen = playScreen(turns)
  const options = { terminal: true, env: { NO_COLOR: '1' }, screen, answers }
  const ended = await run(bench, ['call', ...argv], options)
  return { ...ended, screen, shown: screen.shown() }
}

const toVerify = (): Turn[] => [
  ['1 of 3 devices', ENTER],
  ['nothing odd', ENTER],
  [' 0 of 15 symbols', phone.resetCode()],
  ['The desk words', ENTER],
]
const toAnswer = (): Turn[] => [...toVerify(), ['Who is calling', '3'], ['Ticket', `HD-4711${ENTER}`]]
const find: Turn = ['Find the device', 'phone of zoe']

beforeEach(async () => {
  await invitePhone(bench, 'max@example.ch')
  await invitePhone(bench, 'moritz@example.ch')
})

describe('a call', () => {
  it('is confirmed and logged, and its single commands are printed on the normal screen', async () => {
    const { exit, err, out, screen, shown } = await play([
      find,
      ...toAnswer(),
      ['three groups', ENTER],
      ['How it ended', '1'],
      ['Done', 'q'],
    ])
    expect([exit, out, screen.log.closed]).toEqual([0, '', true])
    expect(shown).toContain(phone.confirmationCode())
    expect(await record()).toEqual(['reset.confirm ok', 'reset.outcome ok'])
    const tag = phone.resetCode().slice(0, 5)
    expect(err).toBe(
      [
        'The call for phone of zoe@example.ch of zoe@example.ch, by single commands:',
        `  keydesk reset check ${phone.resetCode()} --device ${tag}`,
        `  keydesk reset confirm ${phone.resetCode()} --device ${tag} --verified-by callback --ticket HD-4711`,
        `  keydesk reset outcome ${tag} --opened --ticket HD-4711`,
        '',
      ].join('\n'),
    )
    expect(err).not.toContain(phone.confirmationCode())
  })

  it('is reported to a script with --json, without the code', async () => {
    const { out } = await play(
      [...toAnswer().slice(1), ['three groups', ENTER], ['How it ended', '3'], ['Done', 'q']],
      ['zoe', '--json'],
    )
    expect(JSON.parse(out).calls).toMatchObject([
      { tag: phone.tag, verifiedBy: 'callback', result: 'will-call-back', ticket: 'HD-4711' },
    ])
    expect(out).not.toContain(phone.confirmationCode())
  })

  it('is followed by the next one', async () => {
    const other = await invitePhone(bench, 'nina@example.ch')
    const { exit, screen } = await play([
      find,
      ['1 of 4', ENTER],
      ...toAnswer().slice(1),
      ['three groups', ENTER],
      ['How it ended', '1'],
      ['Done', 'n'],
      ['of 4 devices', other.resetCode()],
      ['1 of 4 devices', `${ENTER}`],
      ['nothing odd', ENTER],
      ['The desk words', '\u0005'],
      ['How it ended', `2`],
      ['Ticket', ENTER],
      ['Done', 'q'],
    ])
    expect([exit, screen.log.asides]).toEqual([0, 2])
    expect(await record()).toEqual(['reset.confirm ok', 'reset.outcome ok', 'reset.outcome ok'])
  })

  it('verifies the caller by a code of the app, which is used up', async () => {
    const { secret } = await readJson<{ secret: string }>(bench, ['totp', 'enroll', 'zoe@example.ch'])
    await expectOk(bench, ['totp', 'activate', 'zoe@example.ch', showCode(secret, bench.nowMs)])
    const code = showCode(secret, bench.nowMs, 1)
    const { shown } = await play([
      find,
      ...toVerify(),
      ['Who is calling', '1'],
      ['Code of the app', `000000${ENTER}`],
      ['the code is wrong', `${code}${ENTER}`],
      ['was right', ENTER],
      ['three groups', ENTER],
      ['How it ended', `1${ENTER}`],
      ['Done', 'q'],
    ])
    expect(shown).toContain('the code of their app was right')
    expect(await record()).toEqual(['reset.confirm ok', 'reset.outcome ok'])
    const verified = await readJson<Entry[]>(bench, ['audit', 'list', '--action', 'totp.verify'])
    expect(verified.map(({ outcome }) => outcome)).toEqual(['wrong-code', 'ok'])
  })

  it('takes a PIN that was read out, which proves nothing, and continues with another method', async () => {
    const ready = await invitePhone(bench, 'pia@example.ch', 'pinned', [
      '--registered-by',
      'pin',
      '--platform',
      'android',
    ])
    await expectOk(bench, ['user', 'grant', 'pia@example.ch', 'reset-secure-apps-passcode'])
    await expectOk(bench, ['device', 'policy', ready.deviceId, 'licence.docs', 'on'])
    const pin = (await expectOk(bench, ['pin', 'issue', 'pia@example.ch', '--for', 'desk'])).trim()
    const { shown } = await play(
      [
        ['nothing odd', ENTER],
        [' 0 of 15 symbols', ready.resetCode()],
        ['The desk words', ENTER],
        ['Who is calling', '2'],
        ['PIN:', `${pin}${ENTER}`],
        ['proves nothing', `3`],
        ['Ticket', KEY_C],
      ],
      ['pinned'],
    )
    expect(shown).toContain('it was read out on a call: it proves nothing')
  })

  it('shows a refusal with what to do, and continues', async () => {
    await expectOk(bench, ['policy', 'set', 'caller.verification', 'required'])
    await expectOk(bench, ['reset', 'confirm', phone.resetCode(5), '--verified-by', 'callback'])
    const { shown, err } = await play([
      find,
      ['1 of 3 devices', ENTER],
      ['RESET BEFORE', ENTER],
      [' 0 of 15 symbols', phone.resetCode(2)],
      ['the code is an old one', `\u0015${phone.resetCode(6)}`],
      ['The desk words', ENTER],
      ['Who is calling', `1`],
      ['Code of the app', ENTER],
      // Nothing was proven, and no text says that it was.
      ['not verified yet: the desk looks for a totp', ENTER],
      ['no code of zoe@example.ch was verified', '3'],
      ['Ticket', ENTER],
      ['three groups', KEY_C],
    ])
    expect(shown).toContain(phone.confirmationCode(6))
    expect(err).toContain('# no: old-epoch')
    expect(err).toContain('# no: totp-not-verified')
  })
})

describe('a preference of the workstation', () => {
  const set = (key: string, value: string) => expectOk(bench, ['preferences', 'set', key, value])
  const spelt = async (...language: readonly string[]) => {
    phone = await invitePhone(bench, 'nina@example.ch')
    const turns: Turn[] = [...toAnswer().slice(1), ['three groups', KEY_C]]
    return (await play(turns, [phone.deviceId, ...language])).shown
  }
  /** The words of the code that was shown, in their order. */
  const wordsOfCode = (language: SpellingLanguage) =>
    new RegExp(spellCode(phone.confirmationCode(0), language).flat().join('[^]*'))

  it('sets the spelling alphabet, unless --spell names another', async () => {
    await set('spelling', 'fr')
    expect(await spelt()).toMatch(wordsOfCode('fr'))
    expect(await spelt('--spell', 'nl')).toMatch(wordsOfCode('nl'))
  })

  it('sets the theme', async () => {
    const paintedFor = async (theme: string) => {
      await set('theme', theme)
      const screen = playScreen([['nothing odd', KEY_C]])
      await run(bench, ['call', 'zoe'], { terminal: true, env: { FORCE_COLOR: '2' }, screen })
      return screen.shown()
    }
    expect(await paintedFor('dark')).toContain('\u001b[38;5;78m')
    expect(await paintedFor('light')).toContain('\u001b[38;5;22m')
  })

  it('sets the form of tickets, on the command line and on the screen', async () => {
    await set('ticket.pattern', 'INC####')
    expect(await play([], ['--ticket', 'HD-4711'])).toMatchObject({ exit: 2, shown: '' })
    const turns: Turn[] = [
      ...toVerify().slice(1),
      ['Who is calling', '3'],
      ['look like INC####', `HD-4711${ENTER}`],
      ['and this one does not', `\u0015INC4711${ENTER}`],
      ['three groups', KEY_C],
    ]
    const { err } = await play(turns, ['zoe'])
    expect(err).toContain('--ticket INC4711')
    expect(await record()).toEqual(['reset.confirm ok'])
  })
})

describe('a call that is left', () => {
  it.each<[string, () => Turn[], string[]]>([
    ['finding', () => [], []],
    ['the device', () => toVerify().slice(0, 1), []],
    ['the code', () => toVerify().slice(0, 2), []],
    ['the desk words', () => toVerify().slice(0, 3), []],
    ['who is calling', toVerify, []],
    ['the confirmation', () => toAnswer().slice(0, -1), []],
    ['the code that is out', toAnswer, ['reset.confirm ok']],
    ['how it ended', () => [...toAnswer(), ['three groups', ENTER]], ['reset.confirm ok']],
  ])('at %s gives exit 130, and the audit log has what was committed', async (_, turns, expected) => {
    const { exit, err, screen } = await play([find, ...turns(), ['', KEY_C]])
    expect([exit, screen.log.closed]).toEqual([130, true])
    expect(await record()).toEqual(expected)
    expect(err.includes('confirmed, entry')).toBe(expected.length > 0)
    expect(err).not.toContain(phone.confirmationCode())
  })

  it('by a signal says what is committed, and ends by that signal', async () => {
    const { err, screen } = await play([find, ...toAnswer(), ['three groups', { kind: 'end', signal: 'SIGTERM' }]])
    expect([screen.log.closed, screen.log.diedOf]).toEqual([true, 'SIGTERM'])
    expect(err).toMatch(/confirmed, entry \d+; how it ended is not on record yet: keydesk reset outcome \w{5} --opened/)
  })

  it('by Esc with nothing begun gives exit 0', async () => {
    expect(await play([['3 of 3 devices', '\u001b']])).toMatchObject({ exit: 0, err: '' })
  })
})

describe('keys that the agent forgets during a call', () => {
  const lockNow = async () => void (await expectOk(bench, ['lock']))

  it('are asked for on the normal screen, and the call continues', async () => {
    const turns: Turn[] = [
      find,
      ...toVerify(),
      ['Who is calling', lockNow],
      ['Who is calling', '3'],
      ['Ticket', ENTER],
      ['three groups', ENTER],
      ['How it ended', '1'],
      ['Ticket', ENTER],
      ['Done', 'q'],
    ]
    const { exit, screen, questions } = await play(turns, [], [PASSPHRASE])
    expect([exit, screen.log.asides, questions]).toEqual([0, 2, ['Passphrase of anna']])
    await unlock()
    expect(await record()).toEqual(['reset.confirm ok', 'reset.outcome ok'])
  })

  it('are asked for again after a wrong passphrase, which confirms nothing', async () => {
    const turns: Turn[] = [
      find,
      ...toVerify(),
      ['Who is calling', lockNow],
      ['Who is calling', '3'],
      ['Ticket', ENTER],
      ['not the passphrase', ENTER],
      ['three groups', KEY_C],
    ]
    const { exit, questions } = await play(turns, [], ['wrong', PASSPHRASE])
    expect([exit, questions]).toEqual([130, ['Passphrase of anna', 'Passphrase of anna']])
    await unlock()
    expect(await record()).toEqual(['reset.confirm ok'])
  })
})

describe('a call that cannot ask a person', () => {
  it('is a usage error that names the single commands', async () => {
    for (const [argv, terminal] of [
      [['call'], false],
      [['call', '--no-input'], true],
    ] as const) {
      const { exit, out, err } = await run(bench, argv, { terminal })
      expect([exit, out]).toEqual([2, ''])
      expect(err).toMatch(
        /a call needs a person at a terminal\nhint: .*reset check CODE, reset confirm CODE .*reset outcome/,
      )
    }
  })
})

describe('a call line by line, with --plain', () => {
  const plain = (answers: readonly (string | typeof CTRL_C)[], argv: readonly string[] = []) =>
    run(bench, ['call', '--plain', ...argv], { terminal: true, env: { FORCE_COLOR: '3' }, answers })

  it('tells and asks the same as on a screen', async () => {
    const { exit, err } = await plain(['zoe', '', '', phone.resetCode(), '', '3', 'HD-4711', '2', '', '1', 'q'])
    expect(exit).toBe(0)
    expect(err).not.toMatch(/[^\P{C}\n]/u)
    expect(err).toContain(
      'Step 3 of 7: The reset code, phone of zoe@example.ch of zoe@example.ch\nSay: “Please read me',
    )
    const [first] = phone.confirmationCode().split('-') as [string]
    expect(err).toContain(`group 1: ${[...first].join(' ')}: `)
    expect(err).toContain('OK: on record: the app is open, entry')
    expect(await record()).toEqual(['reset.confirm ok', 'reset.outcome ok'])
  })

  it('says what is wrong, takes a listed device by its number, and goes back', async () => {
    const code = phone.resetCode()
    const wrong = `${code[0] === 'X' ? 'Y' : 'X'}${code.slice(1)}`
    const { exit, err } = await plain([
      'phone',
      '2',
      '/back',
      'zoe',
      '',
      '',
      wrong,
      code[0] as string,
      '/end',
      '2',
      '',
      'q',
    ])
    expect(exit).toBe(0)
    expect(err).toMatch(/2: \w{5}, phone of/)
    expect(err).toContain(`No: group 1, first symbol: we have ${wrong[0]}, ask again`)
    expect(await record()).toEqual(['reset.outcome ok'])
  })

  it('ends with exit 130 at Ctrl-C', async () => {
    const { exit, err } = await plain(['', '', CTRL_C])
    expect(exit).toBe(130)
    expect(err).toContain('keydesk: cancelled')
    expect(await record()).toEqual([])
  })
})
