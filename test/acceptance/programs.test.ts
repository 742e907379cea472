/**
 * Guards the built programs, each in a process of its own, as a runbook starts them: exit codes and streams, several
 * processes at once, a full disk, and an agent that starts once and ends when it is told to.
 */
import { openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { PASSPHRASE, type Phone } from '../commands/bench.ts'
import {
  createMachine,
  createRealDesk,
  expectOk,
  findProcesses,
  inviteRealPhone,
  KEYDESK,
  type Machine,
  run,
  start,
  waitFor,
} from './programs.ts'

const init = (machine: Machine, operator: string) =>
  run(machine, ['init', '--org', 'Röntgen AG', '--operator', operator, '--passphrase-file', '-'], { input: PASSPHRASE })
const unlock = (machine: Machine) => run(machine, ['unlock', '--passphrase-file', '-'], { input: PASSPHRASE })
const agentsOf = (machine: Machine) => findProcesses(machine).filter(({ argv }) => argv.includes('__agent'))

describe('a runbook', () => {
  const machine = createMachine()
  let phone: Phone
  beforeAll(async () => {
    await createRealDesk(machine)
    phone = await inviteRealPhone(machine)
  })

  it.each<[number, string, (phone: Phone) => string[]]>([
    [2, 'an option that there is not', () => ['device', 'list', '--colour']],
    [3, 'a code that was mistyped', ({ resetCode }) => ['reset', 'confirm', resetCode().slice(1)]],
    [3, 'a code of another kind', ({ enrolmentCode }) => ['reset', 'confirm', enrolmentCode]],
    [5, 'a wrong passphrase', () => ['device', 'list', '--passphrase-file', '-']],
    [7, 'a device that is not there', () => ['device', 'show', 'nobody']],
    [7, 'a store that is not there', () => ['device', 'list', '--store', '/nowhere/desk']],
  ])('gets exit %i and an empty stdout for %s', async (exit, _, argv) => {
    const ended = await run(machine, argv(phone), { input: 'a wrong passphrase' })
    expect(ended).toEqual({ exit, out: '', err: expect.stringMatching(/^keydesk: .+\n(hint: .+\n)?$/) })
    const json = await run(machine, [...argv(phone), '--json'], { input: 'a wrong passphrase' })
    expect([json.exit, json.out, JSON.parse(json.err).error.exit]).toEqual([exit, '', exit])
  })

  it('gets only the code, and no question', async () => {
    const { exit, out, err } = await run(machine, ['reset', 'confirm', phone.resetCode(), '--verified-by', 'callback'])
    expect([exit, out]).toEqual([0, `${phone.confirmationCode()}\n`])
    expect(err).toMatch(/^say first: [a-z]+ [a-z]+\n$/)
  })

  it.skipIf(process.platform !== 'linux')(
    'gets an error if the answer could not be written, and may ask again',
    async () => {
      const confirm = ['reset', 'confirm', phone.resetCode(1), '--verified-by', 'callback', '--quiet']
      const full = waitFor(start(machine, [KEYDESK, ...confirm], { stdout: openSync('/dev/full', 'w') }))
      expect(await full).toEqual({ exit: 6, out: '', err: 'keydesk: the system refused: write (ENOSPC)\n' })
      expect(await run(machine, confirm)).toMatchObject({ exit: 0, out: `${phone.confirmationCode(1)}\n` })
    },
  )

  it('can confirm in several processes at once, and each entry has its own number', async () => {
    const answers = await Promise.all(
      [2, 3, 4, 5].map(async (epoch) => {
        const other = await inviteRealPhone(machine, `user${epoch}@example.ch`)
        const { exit, out } = await run(machine, [
          'reset',
          'confirm',
          other.resetCode(),
          '--json',
          '--verified-by',
          'manager',
        ])
        expect(exit).toBe(0)
        return JSON.parse(out).auditSeq as number
      }),
    )
    expect(new Set(answers).size).toBe(4)
  })
})

describe('the agent', () => {
  it('is one process, however many commands unlock at once, and ends after lock', async () => {
    const machine = createMachine()
    expect(await init(machine, 'anna')).toMatchObject({ exit: 0 })
    const unlocked = await Promise.all([1, 2, 3, 4].map(() => unlock(machine)))
    expect(unlocked.map(({ exit, err }) => [exit, err])).toEqual([1, 2, 3, 4].map(() => [0, '']))
    expect(await expectOk(machine, ['device', 'list'])).toBe('')
    if (process.platform === 'linux') expect(agentsOf(machine)).toHaveLength(1)
    await expectOk(machine, ['lock'])
    expect((await run(machine, ['device', 'list'])).exit).toBe(5)
    if (process.platform === 'linux') await expect.poll(() => agentsOf(machine)).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')(
    'uses no compiled code: neither a cache of keydesk nor a cache of Node',
    async () => {
      const machine = createMachine()
      await createRealDesk(machine, { env: { NODE_COMPILE_CACHE: join(machine.home, 'node-cache') } })
      expect(agentsOf(machine).map(({ environ }) => environ)).toEqual([expect.not.stringContaining('COMPILE_CACHE')])
      await expectOk(machine, ['lock'])
      await expect.poll(() => agentsOf(machine)).toEqual([])
      const files = readdirSync(join(machine.home, '.cache', 'keydesk', 'compile'))
      expect(files.sort()).toEqual(['keydesk-init', 'keydesk-lock', 'keydesk-unlock'])
    },
  )

  it.skipIf(process.platform !== 'linux')('leaves no core file behind', async () => {
    const machine = createMachine()
    await createRealDesk(machine, { shell: 'ulimit -c unlimited 2>/dev/null || true' })
    const [agent] = agentsOf(machine)
    const limits = readFileSync(`/proc/${agent?.pid}/limits`, 'utf8')
    expect(limits).toMatch(/^Max core file size +0 +0 /m)
  })

  it('can be killed: then the passphrase is asked for, and unlock starts another agent', async () => {
    const machine = createMachine()
    await createRealDesk(machine)
    for (const { pid } of agentsOf(machine)) process.kill(pid, 'SIGKILL')
    expect((await run(machine, ['device', 'list'])).exit).toBe(5)
    expect((await unlock(machine)).exit).toBe(0)
    expect((await run(machine, ['device', 'list'])).exit).toBe(0)
  })
})

describe('a call', () => {
  /** Prints the modules of Node and the files of ours that the program has loaded when it ends. */
  const SPY = `process.on('exit', () => process.stderr.write(JSON.stringify({
    builtins: process.moduleLoadList.map((name) => name.replace('NativeModule ', '')),
    files: Object.keys(require.cache).map((path) => require('node:path').basename(path)) })))`
  const HEAVY = ['crypto', 'sqlite', 'child_process']

  async function loadedBy(machine: Machine, argv: readonly string[]) {
    const spy = machine.keep('spy.cjs', SPY)
    // Cheap scrypt would load the cryptography that the test looks for.
    const env = { NODE_OPTIONS: '' }
    const { exit, err } = await waitFor(start(machine, ['--require', spy, KEYDESK, ...argv, '--quiet'], { env }))
    expect(exit).toBe(0)
    return JSON.parse(err) as { builtins: string[]; files: string[] }
  }

  it('loads no cryptography and no store: the agent has both', async () => {
    const machine = createMachine()
    await createRealDesk(machine)
    const phone = await inviteRealPhone(machine)
    // The call itself reads the preference, and loads no further file of ours for it.
    await expectOk(machine, ['preferences', 'set', 'ticket.pattern', 'HD-*'])
    for (const argv of [
      ['reset', 'check', phone.resetCode()],
      ['reset', 'confirm', phone.resetCode(), '--verified-by', 'callback'],
      ['reset', 'confirm', phone.resetCode(1), '--verified-by', 'callback', '--ticket', 'HD-1', '--spell'],
    ]) {
      const { builtins, files } = await loadedBy(machine, argv)
      expect(builtins.filter((name) => HEAVY.includes(name))).toEqual([])
      expect(files.sort()).toEqual(['keydesk.cjs', 'main.cjs', 'spy.cjs'])
    }
    // The same check detects a command that does its work itself.
    expect((await loadedBy(machine, ['device', 'list'])).builtins).toEqual(expect.arrayContaining(['crypto', 'sqlite']))
  })
})

describe('init', () => {
  it('succeeds for one of several at the same time, and the store of that one opens', async () => {
    const machine = createMachine()
    const ended = await Promise.all(['anna', 'bob', 'carla'].map((operator) => init(machine, operator)))
    expect(ended.map(({ exit }) => exit).sort()).toEqual([0, 6, 6])
    const winner = ['anna', 'bob', 'carla'][ended.findIndex(({ exit }) => exit === 0)]
    const { out } = await run(machine, ['status', '--json'])
    expect(JSON.parse(out)).toMatchObject({ operator: winner, unlocked: false })
    expect(await unlock(machine)).toMatchObject({ exit: 0 })
  })
})
