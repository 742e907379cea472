/**
 * A desk under test. Its commands run in this process, on a real store with a real agent and with the bench's clock. A
 * phone is represented by its device secret, so the bench computes the codes of any epoch without enrolling a device.
 */
import { join } from 'node:path'
import { agentOptions } from '../../src/agent/performer.ts'
import { type Agent, serveAgent } from '../../src/agent/server.ts'
import { encodeText } from '../../src/crypto/bytes.ts'
import {
  asDeviceSecret,
  type DeviceSecret,
  decodeInvitation,
  deriveConfirmationCode,
  deriveResetCode,
  type Invitation,
  openSlot,
} from '../../src/crypto/index.ts'
import { main } from '../../src/program/keydesk.ts'
import { cleanUp } from '../clean-up.ts'
import { type Answer, createHome, type FakeContext, type FakeOptions, fakeContext, MONDAY_MS } from '../fake-context.ts'

export const PASSPHRASE = 'correct horse battery staple'

export type Outcome = {
  readonly exit: number
  readonly out: string
  readonly err: string
  readonly questions: readonly string[]
}
export type RunOptions = Omit<FakeOptions, 'home' | 'nowMs'>
export type Bench = {
  readonly home: string
  readonly agents: Agent[]
  /** The clock of every command, in milliseconds since 1970. */
  nowMs: number
  /** The socket on which commands look for the agent; a test sets it to put a proxy between them (see between.ts). */
  socket?: string | undefined
}

/** A workstation on which no desk is set up yet. */
export function createWorkstation(): Bench {
  const bench = { home: createHome(), agents: [] as Agent[], nowMs: MONDAY_MS }
  cleanUp(async () => {
    for (const agent of bench.agents) agent.close()
    await Promise.all(bench.agents.map(({ closed }) => closed))
  })
  return bench
}

/** A desk of Röntgen AG. Its administrator anna is unlocked for 24 hours. */
export async function createDesk(): Promise<Bench> {
  const bench = createWorkstation()
  const options = { input: `${PASSPHRASE}\n` }
  await expectOk(bench, ['init', '--org', 'Röntgen AG', '--operator', 'anna', '--passphrase-file', '-'], options)
  await expectOk(bench, ['unlock', '--for', '24h', '--passphrase-file', '-'], options)
  return bench
}

export function openContext(bench: Bench, options: RunOptions = {}): FakeContext {
  const context: FakeContext = fakeContext({
    launchAgent: async () => void bench.agents.push(await launchAgent(bench, context)),
    ...options,
    home: bench.home,
    nowMs: bench.nowMs,
  })
  return bench.socket === undefined ? context : { ...context, places: { ...context.places, socket: bench.socket } }
}

/** Starts an agent as `bin/` does, but with the bench's clock. */
function launchAgent(bench: Bench, { places, random }: FakeContext): Promise<Agent> {
  const clock = () => bench.nowMs
  return serveAgent(places, clock, agentOptions({ places, clock, random }))
}

/** Runs one command line of the desk. */
export async function run(bench: Bench, argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const context = openContext(bench, options)
  const exit = await main(argv, context)
  return { exit, out: context.stdout(), err: context.stderr(), questions: context.questions }
}

/** Runs one command line with a person at the terminal, who gives these answers. */
export function runWithPerson(bench: Bench, argv: readonly string[], ...answers: Answer[]): Promise<Outcome> {
  return run(bench, argv, { terminal: true, env: { NO_COLOR: '1' }, answers })
}

/** Runs a command line that must succeed; resolves to its stdout. */
export async function expectOk(bench: Bench, argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exit, out, err } = await run(bench, argv, options)
  if (exit !== 0) throw new Error(`${argv.join(' ')}: exit ${exit}\n${err}`)
  return out
}

export async function readJson<T>(bench: Bench, argv: readonly string[], options: RunOptions = {}): Promise<T> {
  return JSON.parse(await expectOk(bench, [...argv, '--json'], options)) as T
}

export type Phone = {
  readonly deviceId: string
  readonly tag: number
  readonly secret: DeviceSecret
  readonly enrolmentCode: string
  /**
   * The reset code that the phone shows in an epoch, and the confirmation code that opens it then. Default: epoch 0.
   */
  readonly resetCode: (epoch?: number) => string
  readonly confirmationCode: (epoch?: number) => string
}

/** Invites a phone for the user, and opens its invitation as the phone would. */
export async function invitePhone(
  bench: Bench,
  user = 'zoe@example.ch',
  name = `phone of ${user}`,
  more: readonly string[] = [],
): Promise<Phone> {
  const invite = ['device', 'invite', '--user', user, '--name', name, ...more]
  return openInvitation(await readJson(bench, invite))
}

type Invited = {
  readonly invitation: string
  readonly enrolmentCode: string
  readonly deviceId: string
  readonly tag: number
}

function openInvitation({ invitation, enrolmentCode, deviceId, tag }: Invited): Phone {
  const { id, slot } = decodeInvitation(invitation) as Invitation
  const typed = encodeText(enrolmentCode.replaceAll('-', ''))
  const opened = openSlot(typed, slot, { kind: 'enrolment', context: id, logN: 10 })
  if (!opened.ok) throw new Error('the enrolment code does not open the invitation')
  const secret = asDeviceSecret(opened.payload)
  return {
    deviceId,
    tag,
    secret,
    enrolmentCode,
    resetCode: (epoch = 0) => deriveResetCode(secret, { id, tag, epoch }),
    confirmationCode: (epoch = 0) => deriveConfirmationCode(secret, { id, tag, epoch }),
  }
}

/** The path of the bench's store. */
export const storeOf = ({ home }: Bench): string => join(home, '.local/share/keydesk/desk.keydesk')
