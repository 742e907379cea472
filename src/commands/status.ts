/** `keydesk status`: shows the store, the operator, and whether the agent holds the operator's keys. */
import type { Command } from 'commander'
import { inspectAgent } from '../agent/client.ts'
import type { Held } from '../agent/keys.ts'
import type { Identity } from '../agent/socket.ts'
import type { DeskGlobals } from '../console/globals.ts'
import { writeTime } from '../console/times.ts'
import type { Context } from '../context.ts'
import { findLogin } from '../session/login.ts'
import { askAboutTarget, targetOf } from '../session/target.ts'
import { printAnswer } from '../term/answer.ts'
import { renderFields } from '../term/table.ts'
import { isoTime } from '../term/time.ts'

export function registerStatus(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nExample:\n  keydesk status --json')
    .action(() => status(context, command.optsWithGlobals<DeskGlobals>()))
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

/** The JSON fields of `status` and `unlock`. A locked operator has no role here, because only the store knows it. */
export function describeHeld({ store, operator, role, expiresAt }: Held) {
  return { store, operator, role, unlocked: true, expiresAt: isoTime(expiresAt) }
}

function describeLocked({ store, operator }: Identity) {
  return { store, operator, role: null, unlocked: false, expiresAt: null }
}
