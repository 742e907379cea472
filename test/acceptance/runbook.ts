/**
 * Runs the scripts of docs/runbooks as staff do: with bash, with the built programs on the PATH, on a machine of its
 * own. It also runs the reference device that plays the other side.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createMachine,
  createRealDesk,
  type Ended,
  expectOk,
  KEYDESK,
  KEYDESK_DEVICE,
  type Machine,
  start,
  waitFor,
} from './programs.ts'

export const RUNBOOKS = fileURLToPath(new URL('../../docs/runbooks/', import.meta.url))

/** A machine with both programs on its PATH. */
export function createStation(options: { readonly realScrypt?: boolean } = {}): Machine {
  const machine = createMachine('home', options)
  const bin = join(machine.home, 'bin')
  mkdirSync(bin)
  for (const [name, path] of Object.entries({ keydesk: KEYDESK, 'keydesk-device': KEYDESK_DEVICE }))
    writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${path}' "$@"\n`, { mode: 0o755 })
  return { ...machine, env: { ...machine.env, PATH: `${bin}:${machine.env['PATH']}` } }
}

export async function createDeskStation(): Promise<Machine> {
  const machine = createStation()
  await createRealDesk(machine)
  return machine
}

/** Runs a runbook to its end, in the machine's home. `lines` are typed into its stdin. */
export function runBook(
  { home, env }: Machine,
  name: string,
  args: readonly string[],
  lines: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn('bash', [join(RUNBOOKS, `${name}.sh`), ...args], { cwd: home, env: { ...env, ...more } })
  child.stdin.on('error', () => undefined)
  child.stdin.end(lines.map((line) => `${line}\n`).join(''))
  return waitFor(child)
}

/** Runs one command line of the device whose files are in `state`. */
const onDevice = (machine: Machine, state: string, ...args: string[]): Promise<Ended> =>
  waitFor(start(machine, [KEYDESK_DEVICE, '--state', join(machine.home, state), ...args]))

export async function expectDevice(machine: Machine, state: string, ...args: string[]): Promise<string> {
  const { exit, out, err } = await onDevice(machine, state, ...args)
  if (exit !== 0) throw new Error(`${args.join(' ')}: exit ${exit}\n${err}`)
  return out.trim()
}

/** Enrols a device with an invitation, puts a setting into it, and locks it. */
export async function enrol(machine: Machine, state: string, invitation: string, code: string): Promise<void> {
  const files = ['--code-file', machine.keep('code', code), '--password-file', machine.keep('old', 'Summer rain 2025')]
  await expectDevice(machine, state, 'enroll', invitation, ...files)
  await expectDevice(machine, state, 'put', 'server', 'files.example.ch')
  await expectDevice(machine, state, 'lock')
}

/** Invites a device of the user with a single command, and enrols it. Returns its tag. */
export async function inviteAndEnrol(
  machine: Machine,
  state: string,
  user: string,
  ...more: string[]
): Promise<{ readonly tag: string }> {
  const out = await expectOk(machine, ['device', 'invite', '--user', user, '--name', state, ...more])
  const [invitation = '', code = ''] = out.split('\n')
  await enrol(machine, state, invitation, code)
  const shown = await expectOk(machine, ['device', 'show', state])
  return { tag: /^Tag +(\S+)$/m.exec(shown)?.[1] ?? '' }
}

/** Whether the confirmation code opens the device, with its settings. */
export async function opens(machine: Machine, state: string, confirmation: string): Promise<boolean> {
  const password = machine.keep('new', 'Autumn wind 2026')
  const { exit } = await onDevice(machine, state, 'confirm', confirmation, '--new-password-file', password)
  return exit === 0 && (await expectDevice(machine, state, 'get', 'server')) === 'files.example.ch'
}

export const isThereIn = ({ home }: Machine, name: string): boolean => existsSync(join(home, name))
