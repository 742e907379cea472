/**
 * Guards `doctor`. Each test breaks one of the things that it checks:
 * - `doctor` names the fault, with the exit code of that fault.
 * - The test runs the command that `doctor` names, as it stands. After it, the check is ok.
 * - `doctor` never asks a question, and changes nothing.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { serveAgent } from '../../src/agent/server.ts'
import { checkDesk } from '../../src/commands/doctor/desk.ts'
import type { Facts } from '../../src/commands/doctor/facts.ts'
import { checkMachine } from '../../src/commands/doctor/machine.ts'
import { NEEDED_NODE } from '../../src/version.ts'
import { inShell } from '../fake-context.ts'
import { splitWords } from '../transcript-shell.ts'
import {
  type Bench,
  createDesk,
  createWorkstation,
  expectOk,
  invitePhone,
  openContext,
  PASSPHRASE,
  run,
  storeOf,
} from './bench.ts'

type Check = { name: string; state: string; message: string; fix: string | null; exit: number }
type Env = Record<string, string>
const TYPED = { input: `${PASSPHRASE}\n` }
const SOUND: Env = { LC_ALL: 'C.UTF-8' }

describe('the colours of doctor', () => {
  it('are those of the preferred theme', async () => {
    const bench = createWorkstation()
    for (const [theme, colour] of [
      ['dark', 78],
      ['light', 22],
    ]) {
      await expectOk(bench, ['preferences', 'set', 'theme', `${theme}`])
      const { out } = await run(bench, ['doctor'], { terminal: true, env: { FORCE_COLOR: '2' } })
      expect(out).toContain(`\u001b[38;5;${colour}m`)
    }
  })
})

async function examine(bench: Bench, env: Env, columns = 80): Promise<{ exit: number; checks: Check[]; err: string }> {
  process.umask(0o077)
  const { exit, out, err, questions } = await run(bench, ['doctor', '--json'], {
    env,
    columns,
    terminal: columns !== 80,
  })
  expect(questions).toEqual([])
  return { exit, err, checks: (JSON.parse(out) as { checks: Check[] }).checks }
}

/**
 * Runs a suggested fix: a keydesk command in this process, anything else in a shell. Returns the environment after it.
 */
async function mend(bench: Bench, env: Env, fix: string): Promise<Env> {
  const line = fix
    .replace('NAME', 'X')
    .replace('NAME', 'anna')
    .replace(/ FILE$/, ` ${inShell(join(bench.home, 'backup'))}`)
  if (line.startsWith('keydesk')) {
    for (const part of line.split(' && ')) {
      if (part.startsWith('sleep')) await sleep(Number(part.slice(6)) * 1_000)
      else await expectOk(bench, [...splitWords(part).slice(1), '--passphrase-file', '-', '--no-input'], TYPED)
    }
    return env
  }
  const output = execFileSync('/bin/sh', ['-c', `${line} && env -0`], { env, encoding: 'utf8' })
  const pairs = output.split('\0').filter((pair) => /^(KEYDESK|NODE|LC_|TERM)/.test(pair))
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

/** Applies fixes until the check of that name is ok. Returns the faults that it met on the way. */
async function mendAll(bench: Bench, name: string, env: Env): Promise<Check[]> {
  const said: Check[] = []
  for (let now = env; ; ) {
    const { checks } = await examine(bench, now)
    const found = checks.find((check) => check.name === name && check.state !== 'ok')
    if (found === undefined) return said
    expect(said.length, JSON.stringify(said)).toBeLessThan(5)
    said.push(found)
    now = await mend(bench, now, found.fix as string)
  }
}

type Broken = [what: string, check: string, exit: number, fix: RegExp, breaks: (bench: Bench) => Env | Promise<Env>]
const configOf = (bench: Bench) => openContext(bench).places.config
const runtimeOf = (bench: Bench) => openContext(bench).places.runtime as string
const change = (path: string, mode: number): Env => {
  chmodSync(path, mode)
  return {}
}
const openFileOf =
  (variable: string) =>
  (bench: Bench): Env => {
    const file = join(bench.home, 'it’s a secret')
    writeFileSync(file, PASSPHRASE)
    chmodSync(file, 0o644)
    return { [variable]: file }
  }
const BROKEN: Broken[] = [
  ['a config that others may write', 'modes', 6, /^chmod go-w /, (bench) => change(configOf(bench), 0o777)],
  ['a config that others can look into', 'modes', 0, /^chmod 700 /, (bench) => change(configOf(bench), 0o755)],
  ['an agent that others can reach', 'modes', 6, /^chmod 700 /, (bench) => change(runtimeOf(bench), 0o755)],
  ['a store that others may write', 'store', 6, /^chmod go-w /, (bench) => change(storeOf(bench), 0o666)],
  [
    'a store’s folder that others may write',
    'store',
    6,
    /^chmod go-w /,
    (bench) => change(dirname(storeOf(bench)), 0o777),
  ],
  ['an inspector', 'environment', 6, /^unset NODE_OPTIONS$/, () => ({ NODE_OPTIONS: '--inspect=0' })],
  ['options for Node', 'environment', 0, /^unset NODE_OPTIONS$/, () => ({ NODE_OPTIONS: '--no-warnings' })],
  [
    'certificates that slow every start',
    'environment',
    0,
    /^unset NODE_EXTRA_CA_CERTS$/,
    () => ({ NODE_EXTRA_CA_CERTS: '/dev/null' }),
  ],
  ['a variable that is none', 'variables', 0, /^unset KEYDESK_STOER$/, () => ({ KEYDESK_STOER: 'x' })],
  ['a store that is nowhere', 'variables', 7, /^unset KEYDESK_STORE$/, () => ({ KEYDESK_STORE: '/nowhere/desk' })],
  ['an operator who is nobody', 'variables', 7, /^unset KEYDESK_OPERATOR$/, () => ({ KEYDESK_OPERATOR: 'nobody' })],
  [
    'a passphrase file that is nowhere',
    'variables',
    7,
    /^unset KEYDESK_PASSPHRASE_FILE$/,
    () => ({ KEYDESK_PASSPHRASE_FILE: '/nowhere' }),
  ],
  [
    'a mail password file that is nowhere',
    'variables',
    7,
    /^unset KEYDESK_SMTP_PASSWORD_FILE$/,
    () => ({ KEYDESK_SMTP_PASSWORD_FILE: '/nowhere' }),
  ],
  ['a passphrase file that others can read', 'variables', 0, /^chmod 600 /, openFileOf('KEYDESK_PASSPHRASE_FILE')],
  [
    'a mail password file that others can read',
    'variables',
    0,
    /^chmod 600 /,
    openFileOf('KEYDESK_SMTP_PASSWORD_FILE'),
  ],
  ['a locale that draws no names', 'locale', 0, /^export LC_ALL=C\.UTF-8$/, () => ({ LC_ALL: 'C' })],
  ['no locale', 'locale', 0, /^export LC_ALL=C\.UTF-8$/, () => ({ LC_ALL: '' })],
  ['no backup', 'backup', 0, /^keydesk store backup FILE$/, () => ({})],
  [
    'a backup of long ago',
    'backup',
    0,
    /^keydesk store backup FILE$/,
    async (bench) => {
      await expectOk(bench, ['store', 'backup', join(bench.home, 'older')])
      bench.nowMs += 9 * 86_400_000
      await expectOk(bench, ['unlock', '--passphrase-file', '-'], TYPED)
      return {}
    },
  ],
  [
    'an agent that does no work for us',
    'agent',
    0,
    /^keydesk lock && sleep 2 && keydesk unlock$/,
    async (bench) => {
      await expectOk(bench, ['lock'])
      for (const agent of bench.agents.splice(0)) {
        agent.close()
        await agent.closed
      }
      const context = openContext(bench)
      bench.agents.push(await serveAgent(context.places, context.clock))
      await expectOk(bench, ['unlock', '--passphrase-file', '-'], TYPED)
      return {}
    },
  ],
]

describe('doctor', () => {
  it.each(BROKEN)('names %s, and its suggested command fixes it', async (_, name, exit, fix, breaks) => {
    const bench = await createDesk()
    const env = { ...SOUND, ...(await breaks(bench)) }
    const before = await examine(bench, env)
    expect(before.exit).toBe(exit)
    expect(before.checks.find((check) => check.name === name && check.state !== 'ok')?.fix).toMatch(fix)
    if (exit !== 0)
      expect(JSON.parse(before.err).error).toMatchObject({ exit, reason: 'unwell', hint: expect.stringMatching(fix) })
    expect((await mendAll(bench, name, env)).length).toBeGreaterThan(0)
  })

  it('warns on a workstation without a desk, and suggests init', async () => {
    const bench = createWorkstation()
    expect((await examine(bench, SOUND)).exit).toBe(0)
    expect(await mendAll(bench, 'store', SOUND)).toMatchObject([
      { state: 'warn', fix: 'keydesk init --org NAME --operator NAME' },
    ])
  })

  it('fails if a program that is no agent listens on the agent’s socket', async () => {
    const bench = await createDesk()
    const { places } = openContext(bench)
    for (const agent of bench.agents.splice(0)) {
      agent.close()
      await agent.closed
    }
    rmSync(places.socket, { force: true })
    mkdirSync(places.runtime as string, { recursive: true, mode: 0o700 })
    const server = createServer((socket) => socket.on('data', () => socket.end('no\n')))
    await new Promise<void>((resolve) => server.listen(places.socket, resolve))
    expect((await examine(bench, SOUND)).exit).toBe(9)
    expect(await mendAll(bench, 'agent', SOUND)).toMatchObject([{ state: 'fail', fix: `rm ${inShell(places.socket)}` }])
    server.close()
  })

  it('gives exit 8, 7 and 8 for a damaged, a missing and an older store, and names the way back', async () => {
    const bench = await createDesk()
    const backup = join(bench.home, 'backup')
    await expectOk(bench, ['store', 'backup', backup])
    const whole = readFileSync(storeOf(bench))
    writeFileSync(storeOf(bench), 'not a store')
    for (const exit of [8, 7]) {
      const { checks, exit: shown } = await examine(bench, SOUND)
      expect([shown, checks.find(({ name }) => name === 'store')?.fix]).toEqual([
        exit,
        expect.stringContaining('keydesk store restore FILE'),
      ])
      await expectOk(bench, ['store', 'restore', backup, '--yes', '--passphrase-file', '-'], TYPED)
      expect((await examine(bench, SOUND)).exit).toBe(0)
      unlinkSync(storeOf(bench))
    }
    await expectOk(bench, ['store', 'restore', backup, '--yes', '--passphrase-file', '-'], TYPED)
    await expectOk(bench, ['unlock', '--passphrase-file', '-'], TYPED)
    await invitePhone(bench)
    writeFileSync(storeOf(bench), whole)
    const { checks, exit } = await examine(bench, SOUND)
    expect([exit, checks.find(({ name }) => name === 'store')?.fix]).toEqual([
      8,
      expect.stringContaining('keydesk store accept'),
    ])
    await expectOk(bench, ['store', 'accept', '--yes'])
    expect((await examine(bench, SOUND)).exit).toBe(0)
  })

  it('warns of a clock slightly behind the audit log, and fails for one far behind it', async () => {
    const bench = await createDesk()
    await expectOk(bench, ['store', 'backup', join(bench.home, 'backup')])
    const right = bench.nowMs
    for (const [behind, exit, state] of [
      [120_000, 0, 'warn'],
      [600_000, 6, 'fail'],
      [right - 1, 6, 'fail'],
    ] as const) {
      bench.nowMs = right - behind
      const found = await examine(bench, SOUND)
      expect([found.exit, found.checks[0]]).toEqual([exit, expect.objectContaining({ name: 'clock', state })])
    }
    bench.nowMs = right
    expect((await examine(bench, SOUND)).exit).toBe(0)
  })
})

describe('doctor, on given facts', async () => {
  const bench = await createDesk()
  const { gatherFacts } = await import('../../src/commands/doctor/facts.ts')
  const context = openContext(bench, { env: SOUND })
  const facts: Facts = {
    ...(await gatherFacts(context, { input: false, color: false })),
    umask: 0o077,
    now: Date.now(),
  }
  const store = facts.store as NonNullable<Facts['store']>
  const find = (changed: Partial<Facts>) =>
    [...checkMachine({ ...facts, ...changed }), ...checkDesk({ ...facts, ...changed })].find(
      ({ state }) => state !== 'ok',
    )
  const backed = { health: { entries: 1, newestAt: 0, backupAt: Date.now() } }

  it.each<[string, Partial<Facts>, object]>([
    [
      'an old Node',
      { node: '22.22.0' },
      { name: 'node', kind: 'internal', fix: `install Node ${NEEDED_NODE} or newer` },
    ],
    ['a careless umask', { umask: 0o022 }, { name: 'umask', state: 'warn', fix: 'umask 077' }],
    ['a network share', { ...backed, store: { ...store, network: 'NFS' } }, { name: 'store', state: 'warn' }],
    ['no room', { ...backed, store: { ...store, freeBytes: 1_000 } }, { name: 'space', kind: 'refused' }],
    ['little room', { ...backed, store: { ...store, freeBytes: 2 ** 21 } }, { name: 'space', state: 'warn' }],
    ['a narrow terminal', { terminal: true, columns: 60 }, { name: 'terminal', state: 'warn' }],
    [
      'a dumb one',
      { terminal: true, columns: 80, env: { ...SOUND, TERM: 'dumb' } },
      { name: 'terminal', fix: 'export TERM=xterm-256color' },
    ],
    ['Windows', { platform: 'win32', env: { NODE_OPTIONS: 'x' } }, { fix: 'Remove-Item Env:NODE_OPTIONS' }],
  ])('reports %s', (_, changed, expected) => {
    expect(find(changed)).toMatchObject(expected)
  })

  it('reports nothing if nothing is wrong', () => {
    expect(find(backed)).toBeUndefined()
  })

  it('demands the Node version that package.json demands', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(engines.node).toBe(`>=${NEEDED_NODE}`)
  })
})
