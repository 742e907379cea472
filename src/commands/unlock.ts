/** `keydesk unlock`, `lock`, `status`: the operator's keys in the agent, for a while. */
import type { Command } from 'commander'
import { fillAgent, inspectAgent, lockAgent } from '../agent/client.ts'
import { encodeKeys, type Held } from '../agent/keys.ts'
import type { Identity } from '../agent/socket.ts'
import type { DeskGlobals } from '../console/globals.ts'
import { writeTime } from '../console/times.ts'
import type { Context } from '../context.ts'
import type { FactorAnswer } from '../desk/second-factor.ts'
import { KeydeskError } from '../errors.ts'
import { anchorOf } from '../session/anchor.ts'
import { findLogin, openLogin } from '../session/login.ts'
import type { FactorOptions } from '../session/second-factor.ts'
import { askAboutTarget, targetOf } from '../session/target.ts'
import { type Committed, openDesk } from '../store/desk.ts'
import { withStore } from '../store/with-store.ts'
import { printAnswer } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'
import { renderFields } from '../term/table.ts'
import { isoTime, parseDuration } from '../term/time.ts'
import { describeFactor, factorJson, warnOfClock } from './unlock-screen.ts'

const DEFAULT_LIMIT = '8h'
/** A working day: keys are not to be forgotten in an agent. */
const LONGEST_LIMIT_SECONDS = 86_400
/** Keys that are not used for so long are forgotten before their limit. */
const IDLE_SECONDS = 900

type UnlockOptions = FactorOptions & { readonly for: string }

export function registerUnlock(command: Command, context: Context): void {
  command
    .option('--for <duration>', 'forget the keys after this time, used or not (at most 24h)', DEFAULT_LIMIT)
    .option('--totp <code>', 'a code of your authenticator app, or a recovery code; - reads it from stdin')
    .option(
      '--trust [name]',
      'after a code, ask for none on this workstation for as long as policy says (totp.trustDays); what to call it',
    )
    .addHelpText(
      'after',
      '\nKeys that lie idle for 15 minutes are forgotten earlier.\n\nExample:\n  keydesk unlock --for 1h',
    )
    .action(() => unlock(context, command.optsWithGlobals<UnlockOptions>()))
}

export function registerLock(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nWithout --store and --operator all keys are forgotten.\n\nExample:\n  keydesk lock')
    .action(() => lock(context, command.optsWithGlobals<DeskGlobals>()))
}

export function registerStatus(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nExample:\n  keydesk status --json')
    .action(() => status(context, command.optsWithGlobals<DeskGlobals>()))
}

async function unlock(context: Context, options: UnlockOptions): Promise<void> {
  const limitSeconds = parseDuration(options.for, LONGEST_LIMIT_SECONDS)
  const login = await findLogin(context, targetOf(context, options))
  await withStore(context.places, login, async (engine) => {
    const keys = await openLogin(context, options, login)
    const { clock, random } = context
    const desk = await openDesk(engine, keys, { clock, random, anchor: anchorOf(context, options, login.storeId) })
    const { unlockByFactor } = await import('../session/second-factor.ts')
    const { policy } = desk.roster.roster
    const unlocked = await unlockByFactor(context, options, { desk, login, policy, limitSeconds })
    await warnOfClock(context, options, desk, unlocked)
    const { store, storeId, operator } = login
    const held = { store, storeId, operator, role: desk.me.role, keys: encodeKeys(keys, desk.opened), expiresAt: 0 }
    await reportUnlocked(context, options, await handOver(context, held, limitSeconds), limitSeconds, unlocked)
  })
}

/** Gives the keys to the agent, and starts one first where there is none. */
async function handOver(context: Context, held: Held, limitSeconds: number): Promise<Held> {
  const idleSeconds = Math.min(IDLE_SECONDS, limitSeconds)
  const fill = () => fillAgent(context.places, held, idleSeconds, limitSeconds)
  const running = await fill()
  if (running !== null) return running
  await context.launchAgent()
  const filled = await fill()
  if (filled === null) throw new KeydeskError('internal', 'agent', 'the agent did not start')
  return filled
}

async function reportUnlocked(
  context: Context,
  options: DeskGlobals,
  held: Held,
  limitSeconds: number,
  { answer, seq }: Committed<FactorAnswer>,
): Promise<void> {
  const limit = context.clock() + limitSeconds * 1000
  const longer =
    limit > held.expiresAt ? `; each command extends it, to ${writeTime(context, limit)} at the latest` : ''
  await printAnswer(context.io, options, {
    json: { ...describeHeld(held), ...factorJson(answer), auditSeq: seq },
    screen: () =>
      `Unlocked for ${escapeText(held.operator)} until ${writeTime(context, held.expiresAt)}${longer}.\n${describeFactor(context, answer)}`,
  })
}

async function lock(context: Context, options: DeskGlobals): Promise<void> {
  const gone = await lockAgent(context.places, targetOf(context, options))
  const names = gone.map(({ operator }) => escapeText(operator)).join(', ')
  await printAnswer(context.io, options, {
    json: { locked: gone.map(({ store, operator }) => ({ store, operator })) },
    screen: () => (names === '' ? 'Nothing was unlocked.\n' : `Locked ${names}.\n`),
  })
}

async function status(context: Context, options: DeskGlobals): Promise<void> {
  const wanted = targetOf(context, options)
  const held = await askAboutTarget(
    context,
    wanted,
    async (places, which) => (await inspectAgent(places, which))?.at(-1) ?? null,
  )
  const found = held === null ? describeLocked(await findLogin(context, wanted)) : describeHeld(held)
  const { store, operator, role } = found
  const state = held === null ? 'locked (keydesk unlock)' : `unlocked until ${writeTime(context, held.expiresAt)}`
  await printAnswer(context.io, options, {
    json: found,
    screen: () =>
      renderFields([
        ['Store', store],
        ['Operator', role === null ? operator : `${operator} (${role})`],
        ['State', state],
      ]),
  })
}

/** What `status --json` promises, and `unlock --json` too. The role of an operator is known to the store alone. */
function describeHeld({ store, operator, role, expiresAt }: Held) {
  return { store, operator, role, unlocked: true, expiresAt: isoTime(expiresAt) }
}

function describeLocked({ store, operator }: Identity) {
  return { store, operator, role: null, unlocked: false, expiresAt: null }
}
