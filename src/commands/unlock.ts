/** `keydesk unlock`: gives the operator's keys to the agent for a limited time. */
import type { Command } from 'commander'
import { fillAgent } from '../agent/client.ts'
import { encodeKeys, type Held, IDLE_SECONDS } from '../agent/keys.ts'
import type { DeskGlobals } from '../console/globals.ts'
import { tell } from '../console/input.ts'
import { writeTime } from '../console/times.ts'
import type { Context } from '../context.ts'
import type { FactorAnswer } from '../desk/totp/second-factor.ts'
import { KeydeskError } from '../errors.ts'
import { anchorOf } from '../session/anchor.ts'
import { findLogin, openLogin } from '../session/login.ts'
import type { FactorOptions } from '../session/second-factor.ts'
import { targetOf } from '../session/target.ts'
import type { Desk } from '../store/desk.ts'
import { type Committed, openDesk } from '../store/desk.ts'
import { withStore } from '../store/with-store.ts'
import { printAnswer } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'
import { isoTime, parseDuration } from '../term/time.ts'
import { describeHeld } from './status.ts'

const DEFAULT_LIMIT = '8h'
/** At most 24 hours, so that forgotten keys do not stay in the agent. */
const LONGEST_LIMIT_SECONDS = 86_400

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

/** Gives the keys to the agent. Starts an agent first if none runs. */
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

function factorJson({ trustedUntil, ...answer }: FactorAnswer) {
  return { ...answer, trustedUntil: trustedUntil === null ? null : isoTime(trustedUntil) }
}

function describeFactor(context: Context, { factor, recoveryLeft, trustedUntil }: FactorAnswer): string {
  const left = factor === 'recovery' ? `That recovery code is used; ${recoveryLeft} are left.\n` : ''
  return trustedUntil === null ? left : `${left}No code is asked for here until ${writeTime(context, trustedUntil)}.\n`
}

/** Warns of a clock behind the newest entry: it makes right codes fail, and dates new entries before older ones. */
async function warnOfClock(context: Context, options: DeskGlobals, desk: Desk, { seq, at }: Committed<unknown>) {
  const before = await desk.read(async (records) => {
    for await (const entry of records.entries(seq - 2)) return entry.at
    return at
  })
  if (before <= at) return
  const behind = Math.ceil((before - at) / 1000)
  tell(context, options, `warning: this machine's clock is ${behind} s behind the last entry on record; set it right`)
}
