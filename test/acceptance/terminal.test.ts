/**
 * Guards the built program at a real pseudo-terminal, as an operator uses it: the passphrase is never shown, Ctrl-C
 * gives exit 130 and leaves nothing behind, and the confirmation code can be read out. script(1) provides the terminal;
 * without it these tests fail.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PASSPHRASE } from '../commands/bench.ts'
import { playTerminal, type Turn } from '../term/pseudo-terminal.ts'
import { createMachine, inviteRealPhone, KEYDESK, type Machine, run } from './programs.ts'

const CTRL_C = '\u0003'
const ENTER = '\r'
const shell = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Resolves to the text that the terminal showed, and then `exit N`. `redirect` is for the shell: `> file`. */
function play(machine: Machine, argv: readonly string[], turns: readonly Turn[], redirect = ''): Promise<string> {
  const env = Object.entries({ ...machine.env, NO_COLOR: '1' }).map(([name, value]) => shell(`${name}=${value}`))
  const command = ['env', '-i', ...env, 'TERM=xterm', shell(process.execPath), shell(KEYDESK), ...argv.map(shell)]
  return playTerminal(`stty cols 80; ${command.join(' ')} ${redirect}; echo exit $?`, turns)
}

describe.skipIf(process.platform === 'win32')('at a terminal', () => {
  const machine = createMachine()
  const init = ['init', '--org', 'Röntgen AG', '--operator', 'anna']

  it('asks for a new passphrase twice, and shows it neither time', async () => {
    const shown = await play(machine, init, [
      ['New passphrase', `${PASSPHRASE}${ENTER}`],
      ['The same again', `${PASSPHRASE}${ENTER}`],
    ])
    expect(shown).toContain('anna is its first administrator.')
    expect(shown).toContain('exit 0')
    expect(shown).not.toContain(PASSPHRASE)
    for (const word of PASSPHRASE.split(' ')) expect(shown).not.toContain(word)
  })

  it.each([
    ['the first question', [['New passphrase', CTRL_C]]],
    [
      'the second',
      [
        ['New passphrase', `${PASSPHRASE}${ENTER}`],
        ['The same again', CTRL_C],
      ],
    ],
  ] as [string, Turn[]][])('gives exit 130 at Ctrl-C on %s, and creates nothing', async (_, turns) => {
    const fresh = createMachine()
    const shown = await play(fresh, init, turns)
    expect(shown).toContain('exit 130')
    expect(shown).not.toContain(PASSPHRASE)
    expect(existsSync(join(fresh.home, '.local'))).toBe(false)
    expect(existsSync(join(fresh.home, '.config'))).toBe(false)
  })

  it('unlocks with a passphrase that is not shown, and refuses a wrong one', async () => {
    const wrong = await play(machine, ['unlock'], [['Passphrase of anna', `${PASSPHRASE}!${ENTER}`]])
    expect(wrong).toContain('not the passphrase of anna')
    expect(wrong).toContain('exit 5')
    const right = await play(machine, ['unlock', '--for', '1h'], [['Passphrase of anna', `${PASSPHRASE}${ENTER}`]])
    expect(right).toContain('Unlocked for anna until')
    for (const shown of [wrong, right]) expect(shown).not.toContain(PASSPHRASE)
  })

  it('shows the confirmation code large and to copy, after a misheard code was read back', async () => {
    const phone = await inviteRealPhone(machine)
    const code = phone.resetCode()
    const misheard = `${code[0] === 'X' ? 'Y' : 'X'}${code.slice(1)}`
    const shown = await play(
      machine,
      ['reset', 'confirm', misheard, '--verified-by', 'callback', '--spell'],
      [[`Read back ${code}`, `y${ENTER}`]],
    )
    expect(shown).toContain('one symbol is wrong: group 1, symbol 1')
    expect(shown).toContain('Say first')
    expect(shown).toContain('└────── group 1 ───────┘')
    expect(shown).toMatch(/group 3 {3}[0-9A-Z]{5} {3}\w/)
    expect(shown).toContain(phone.confirmationCode())
    expect(shown).toContain('exit 0')
  })

  it('confirms nothing at Ctrl-C on the read-back', async () => {
    const phone = await inviteRealPhone(machine, 'max@example.ch')
    const code = phone.resetCode()
    const misheard = `${code[0] === 'X' ? 'Y' : 'X'}${code.slice(1)}`
    const shown = await play(machine, ['reset', 'confirm', misheard], [['Read back', CTRL_C]])
    expect(shown).toContain('exit 130')
    expect(shown).not.toContain(phone.confirmationCode())
    const history = JSON.parse((await run(machine, ['reset', 'history', '--device', 'max', '--json'])).out)
    expect(history.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['corrected'])
  })

  it('asks at the terminal even if the answer goes to a file, which gets only the code', async () => {
    const phone = await inviteRealPhone(machine, 'moritz@example.ch')
    const file = join(machine.home, 'answer')
    await run(machine, ['lock'])
    const confirm = ['reset', 'confirm', phone.resetCode(), '--verified-by', 'callback']
    const shown = await play(
      machine,
      confirm,
      [['Passphrase of anna', `${PASSPHRASE}${ENTER}`]],
      `> ${shell(file)}; cat ${shell(file)}`,
    )
    expect(shown).toContain(`\n${phone.confirmationCode()}`)
    expect(shown).not.toContain('group 1')
    expect(shown).not.toContain(PASSPHRASE)
  })

  it('follows the audit log until Ctrl-C, which is 130, and shows the bar of a verification only while it lasts', async () => {
    await play(machine, ['unlock', '--for', '1h'], [['Passphrase of anna', `${PASSPHRASE}${ENTER}`]])
    const followed = await play(machine, ['audit', 'list', '--follow', '--limit', '3'], [['operator.unlock', CTRL_C]])
    expect(followed).toContain('keydesk: stopped by Ctrl-C')
    expect(followed).toContain('exit 130')
    const verified = await play(machine, ['audit', 'verify'], [])
    expect(verified).toMatch(/\rverifying #{24} 100 % of \d+\r +\r/)
    expect(verified).toMatch(/All \d+ entries hold/)
    await run(machine, ['lock'])
  })

  it('draws an invitation as a QR code', async () => {
    const invite = ['device', 'invite', '--user', 'qr@example.ch', '--qr']
    const shown = await play(machine, invite, [['Passphrase of anna', `${PASSPHRASE}${ENTER}`]])
    expect(shown).toContain('▄')
    expect(shown).toContain('keydesk:enrol/1/')
    expect(shown).toContain('exit 0')
  })
})
