/**
 * Guards the modes of files:
 * - Everything is created with 0600 or 0700, even under umask 000.
 * - A file that others may write is refused with exit 6 and a command. That command, pasted into a shell, fixes it.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { PASSPHRASE } from '../commands/bench.ts'
import { createMachine, createRealDesk, expectOk, inviteRealPhone, run } from './programs.ts'

describe.skipIf(process.platform === 'win32')('the modes of files', () => {
  const machine = createMachine("it's a home, $HOME")
  const careless = { shell: 'umask 000' }

  beforeAll(async () => {
    await createRealDesk(machine, careless)
    const phone = await inviteRealPhone(machine)
    await expectOk(machine, ['reset', 'confirm', phone.resetCode(), '--verified-by', 'callback'], careless)
    await expectOk(machine, ['status'], careless)
  })

  it('are 0600 and 0700 even under umask 000', () => {
    const made = readdirSync(machine.home, { recursive: true, withFileTypes: true })
    const modes = made.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const mode = (statSync(path).mode & 0o777).toString(8)
      const kind = entry.isDirectory() ? 'directory' : entry.isSocket() ? 'socket' : 'file'
      return { path: path.slice(machine.home.length + 1), kind, mode }
    })
    const right = { directory: '700', file: '600', socket: '700' } as Record<string, string>
    expect(modes.filter(({ kind, mode }) => mode !== right[kind])).toEqual([])
    const paths = ['.local/share/keydesk/desk.keydesk', '.config/keydesk/workstation.key', 'run/keydesk/agent.sock']
    expect(modes.map(({ path }) => path)).toEqual(expect.arrayContaining(paths))
  })

  it.each([
    ['the store', '.local/share/keydesk/desk.keydesk', 0o666],
    ['the store, for the group', '.local/share/keydesk/desk.keydesk', 0o620],
    ['the directory of the store', '.local/share/keydesk', 0o777],
    ['the config', '.config/keydesk/workstation.keydesk', 0o602],
    ['the key of the config', '.config/keydesk/workstation.key', 0o620],
    ['the directory of the config', '.config/keydesk', 0o770],
    ['the directory of the agent', 'run/keydesk', 0o755],
  ])('that are too open on %s are refused, and the suggested command fixes them', async (_, path, mode) => {
    // The config is read only if the agent is not asked.
    const file = machine.keep('passphrase', PASSPHRASE)
    const command = ['device', 'list', ...(path.startsWith('.config') ? ['--passphrase-file', file] : [])]
    chmodSync(join(machine.home, path), mode)
    const { exit, out, err } = await run(machine, command)
    expect([exit, out]).toEqual([6, ''])
    const [, mend] = /^hint: (chmod .*)$/m.exec(err) ?? []
    expect(mend, err).toBeDefined()
    execFileSync('sh', ['-c', mend as string])
    expect(statSync(join(machine.home, path)).mode & 0o022).toBe(0)
    await expectOk(machine, command)
  })
})
