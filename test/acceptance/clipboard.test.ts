/**
 * Guards the clipboard with real programs. A small xclip of ours is first in the path, and writes its input to a file.
 * - The code reaches it by stdin. No process has the code in its arguments or environment.
 * - The code is removed in time, and only if it is still there.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { copyForAWhile, findClipboard } from '../../src/console/clipboard.ts'
import type { Phone } from '../commands/bench.ts'
import { createHome } from '../fake-context.ts'
import {
  createMachine,
  createRealDesk,
  expectOk,
  findProcesses,
  inviteRealPhone,
  type Machine,
  run,
} from './programs.ts'

/**
 * The part of xclip that is used: `-o` prints. Otherwise it keeps stdin, and writes down its arguments and environment.
 */
const XCLIP = `#!/bin/sh
case "$*" in
  *-o) cat "$HOME/clipboard" ;;
  *) cat > "$HOME/clipboard"; { echo "$*"; env; } >> "$HOME/told" ;;
esac
`

function installXclip(home: string): Record<string, string> {
  const bin = join(home, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'xclip'), XCLIP)
  chmodSync(join(bin, 'xclip'), 0o755)
  return { HOME: home, PATH: `${bin}:${process.env['PATH']}`, DISPLAY: ':0' }
}

describe.skipIf(process.platform !== 'linux')('a copied value', () => {
  const clipboardOf = (home: string) => readFileSync(join(home, 'clipboard'), 'utf8')

  it('is removed when its time is over', async () => {
    const home = createHome()
    const env = installXclip(home)
    expect(await copyForAWhile({ env }, findClipboard({ env }), 'N1-N2', 1)).toBeNull()
    expect(clipboardOf(home)).toBe('N1-N2')
    await expect.poll(() => clipboardOf(home)).toBe('')
  })

  it('is left alone if another value took its place', async () => {
    const home = createHome()
    const env = installXclip(home)
    await copyForAWhile({ env }, findClipboard({ env }), 'N1-N2', 1)
    writeFileSync(join(home, 'clipboard'), 'a shopping list')
    // When the shell that clears the clipboard has ended, it has compared the value.
    await expect.poll(() => findProcesses({ home })).toEqual([])
    expect(clipboardOf(home)).toBe('a shopping list')
  })

  it('gives a message if the clipboard program fails', async () => {
    const home = createHome()
    const env = installXclip(home)
    writeFileSync(join(home, 'bin/xclip'), '#!/bin/sh\nexit 3\n')
    expect(await copyForAWhile({ env }, findClipboard({ env }), 'N1-N2', 1)).toBe(
      'it could not be copied: xclip ended with 3',
    )
  })

  it('is given up if the clipboard program hangs and ignores signals', async () => {
    const home = createHome()
    const env = installXclip(home)
    writeFileSync(join(home, 'bin/xclip'), "#!/bin/sh\ntrap '' TERM INT HUP\nsleep 60 & wait; wait\n")
    const started = performance.now()
    expect(await copyForAWhile({ env }, findClipboard({ env }), 'N1-N2', 1)).toBe(
      'it could not be copied: xclip ended with an error',
    )
    expect(performance.now() - started).toBeLessThan(40_000)
    for (const { pid } of findProcesses({ home })) process.kill(pid, 'SIGKILL')
  })

  it('is refused without a program or a desktop, and with a program of the current directory', () => {
    const env = installXclip(createHome())
    for (const other of [{ PATH: '/nowhere' }, { PATH: '.:bin' }, { DISPLAY: '' }])
      expect(() => findClipboard({ env: { ...env, ...other } })).toThrow('there is no program here for the clipboard')
  })
})

describe.skipIf(process.platform !== 'linux')('reset confirm --copy', () => {
  let machine: Machine
  let phone: Phone
  beforeAll(async () => {
    machine = createMachine()
    await createRealDesk(machine)
    phone = await inviteRealPhone(machine)
  })
  const confirm = (epoch: number) => ['reset', 'confirm', phone.resetCode(epoch), '--verified-by', 'callback', '--copy']

  it('copies the code, shows it, and says for how long; no process has it in argv or environ', async () => {
    const env = installXclip(machine.home)
    const { exit, out, err } = await run(machine, confirm(0), { env })
    const code = phone.confirmationCode(0)
    expect([exit, out]).toEqual([0, `${code}\n`])
    expect(err).toContain('copied; in 45 s it is taken away')
    expect(readFileSync(join(machine.home, 'clipboard'), 'utf8')).toBe(code)
    expect(readFileSync(join(machine.home, 'told'), 'utf8')).not.toMatch(new RegExp(code.slice(0, 5)))
    const waiting = findProcesses(machine).filter(({ argv }) => argv.includes('sleep'))
    expect(waiting.length).toBeGreaterThan(0)
    for (const { argv, environ } of findProcesses(machine)) expect(`${argv}${environ}`).not.toContain(code.slice(0, 5))
    for (const { pid } of waiting) process.kill(pid)
  })

  it('confirms nothing if there is no clipboard', async () => {
    const before = await expectOk(machine, ['audit', 'list'])
    const { exit, out, err } = await run(machine, confirm(1), { env: { PATH: '/nowhere', DISPLAY: ':0' } })
    expect([exit, out]).toEqual([2, ''])
    expect(err).toContain('nothing was done; at a Wayland desktop install wl-clipboard')
    expect(await expectOk(machine, ['audit', 'list'])).toBe(before)
    expect(existsSync(join(machine.home, 'nowhere'))).toBe(false)
  })
})
