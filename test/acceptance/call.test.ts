/**
 * Guards a guided call of the built program at a real pseudo-terminal, with codes computed as the device computes them.
 * The call is drawn on a screen of its own. However it ends, the terminal is as it was before.
 */
import { constants } from 'node:os'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Phone } from '../commands/bench.ts'
import { playTerminal, type Turn } from '../term/pseudo-terminal.ts'
import { createMachine, createRealDesk, expectOk, findProcesses, inviteRealPhone, KEYDESK, run } from './programs.ts'

const ENTER = '\r'
const CTRL_C = '\u0003'
const ALTERNATE = '\u001b[?1049h'
const NORMAL = '\u001b[?1049l'
const shell = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

describe.skipIf(process.platform === 'win32')('a call at a terminal', () => {
  const machine = createMachine()
  let phone: Phone
  beforeAll(async () => {
    await createRealDesk(machine)
    phone = await inviteRealPhone(machine)
  })

  const commandOf = (argv: readonly string[]) => {
    const env = Object.entries({ ...machine.env, NO_COLOR: '1' }).map(([name, value]) => shell(`${name}=${value}`))
    return ['env', '-i', ...env, 'TERM=xterm', shell(process.execPath), shell(KEYDESK), 'call', ...argv].join(' ')
  }
  const settings = (name: string) => `echo "stty ${name}=$(stty -g)"`
  async function play(turns: readonly Turn[], argv: readonly string[] = [], before = ':') {
    const shown = await playTerminal(
      `stty cols 80 rows 24; ${settings('before')}; ${before}; ${commandOf(argv)}; echo exit $?; ${settings('after')}`,
      turns,
    )
    return { shown, kept: shown.slice(shown.lastIndexOf(NORMAL)) }
  }
  const settingsOf = (shown: string) =>
    ['before', 'after'].map((name) => new RegExp(`stty ${name}=(\\S+)`).exec(shown)?.[1])
  function expectRestored(shown: string) {
    const [before, after] = settingsOf(shown)
    expect([after, before !== undefined]).toEqual([before, true])
    expect(shown.lastIndexOf(NORMAL)).toBeGreaterThan(shown.lastIndexOf(ALTERNATE))
    expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'))
    expect(shown.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(shown.lastIndexOf('\u001b[?2004h'))
  }

  const toAnswer = (): Turn[] => [
    ['1 of 1 devices', ENTER],
    ['nothing odd', ENTER],
    ['0 of 15 symbols', `\u001b[200~${phone.resetCode()}\r\n\u001b[201~`],
    ['The desk words', ENTER],
    ['Who is calling', '3'],
    ['Ticket', `HD-4711${ENTER}`],
  ]

  it('shows the code on its screen, and leaves it in no scroll-back', async () => {
    const { shown, kept } = await play([...toAnswer(), ['three groups', ENTER], ['1  opened', '1'], ['q leave', 'q']])
    expect(shown).toContain(phone.confirmationCode())
    expect(kept).toContain('exit 0')
    expect(kept).not.toContain(phone.confirmationCode())
    expect(shown).toContain(`keydesk reset confirm ${phone.resetCode()} --device`)
    expectRestored(shown)
    const history = JSON.parse((await run(machine, ['reset', 'history', '--json'])).out)
    expect(history.map(({ action, ticket }: { action: string; ticket: string }) => [action, ticket])).toEqual([
      ['reset.confirm', 'HD-4711'],
      ['reset.outcome', 'HD-4711'],
    ])
  })

  it.each<[string, string, Turn[]]>([
    ['finding', '1 of 1 devices', []],
    ['the device', 'RESET BEFORE', [['1 of 1 devices', ENTER]]],
    [
      'the code',
      '3 of 15 symbols',
      [
        ['1 of 1 devices', ENTER],
        ['RESET BEFORE', `${ENTER}abc`],
      ],
    ],
  ])('gives exit 130 at Ctrl-C on %s, and restores the terminal', async (_, seen, turns) => {
    const { shown, kept } = await play([...turns, [seen, CTRL_C]])
    expect(kept).toContain('exit 130')
    expectRestored(shown)
  })

  it('gives exit 130 at Ctrl-D too, and restores the terminal', async () => {
    const { shown, kept } = await play([['1 of 1 devices', '\u0004']])
    expect(kept).toContain('exit 130')
    expectRestored(shown)
  })

  it.runIf(process.platform === 'linux').each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    'restores the terminal at %s, and ends by that signal',
    async (signal) => {
      const killed: number[] = []
      const kill = () => {
        const found = findProcesses(machine).filter(({ argv }) => argv.endsWith(`${KEYDESK}\0call\0`))
        for (const { pid } of found) process.kill(pid, signal)
        killed.push(...found.map(({ pid }) => pid))
      }
      const { shown } = await play([['1 of 1 devices', kill]])
      expect(killed).toHaveLength(1)
      expectRestored(shown)
      expect(shown).toContain(`exit ${128 + constants.signals[signal]}`)
    },
  )

  it('gives the shell its terminal at Ctrl-Z, and draws its screen again at fg', async () => {
    const shown = await playTerminal("stty cols 80 rows 24; PS1='ready> ' sh -i", [
      ['ready> ', `${commandOf([])}\r`],
      ['1 of 1 devices', '\u001a'],
      [['Stopped', 'ready> '], 'fg\r'],
      ['1 of 1 devices', CTRL_C],
      ['ready> ', 'exit\r'],
    ])
    expect(shown.split(ALTERNATE)).toHaveLength(3)
    expect(shown.split(NORMAL)).toHaveLength(3)
  })

  it('moves no cursor with --plain, hides the passphrase, and tells the same', async () => {
    await expectOk(machine, ['lock'])
    const phrase = 'correct horse battery staple'
    const { shown } = await play(
      [
        ['Passphrase of anna', `${phrase}\r`],
        ['Name, user', '\n'],
        ['Enter goes on', '\n'],
        ['Reset code, five', `${phone.resetCode(1)}\n`],
        ['Enter when', '\n'],
        ['1 to 6:', '3\n'],
        ['Enter CONFIRMS', '\n'],
        ['1, 2 or 3', '\n'],
        ['1 to 3:', '2\n'],
        ['Ticket, Enter', 'HD-2\n'],
        ['q to leave', 'q\n'],
      ],
      ['--plain'],
    )
    expect(shown).not.toContain('\u001b')
    expect(shown).not.toContain('correct')
    expect(shown).toContain('group 3: ')
    expect(shown).toContain('exit 0')
    const [before, after] = settingsOf(shown)
    expect(after).toBe(before)
  })
})
