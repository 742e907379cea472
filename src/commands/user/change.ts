/**
 * `keydesk user remove`, `grant` and `revoke`: an admin changes one user. Only `remove` cannot be undone, so only
 * `remove` asks first.
 */
import type { Command } from 'commander'
import { Argument } from 'commander'
import { confirmOr } from '../../console/consent.ts'
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import { USER_ROLES, type UserRole } from '../../desk/records/index.ts'
import { decideRemoveUser, decideRole } from '../../desk/user.ts'
import { listDevicesOf, resolveUser } from '../../operations/user-name.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { userJson } from './list.ts'

type RemoveOptions = DeskGlobals & { readonly yes?: boolean }

export function registerRemove(command: Command, context: Context): void {
  command
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  keydesk user remove max@example.ch --yes')
    .action((name: string) => removeUser(context, command.optsWithGlobals<RemoveOptions>(), name))
}

async function removeUser(context: Context, options: RemoveOptions, name: string): Promise<void> {
  const { answer, seq } = await withDesk(context, options, async (desk) => {
    const user = await desk.read((records) => resolveUser(records, name))
    await confirmOr(context, options, `Remove ${user.name}?`)
    return desk.commit(async (records, now) => {
      const found = await resolveUser(records, user.name)
      return decideRemoveUser(found, await listDevicesOf(records, found), { now, operator: desk.me })
    })
  })
  await printAnswer(context.io, options, {
    json: { ...userJson(answer), auditSeq: seq },
    screen: () => `Removed ${escapeText(answer.name)}.\n`,
  })
}

export function registerRole(command: Command, context: Context, what: 'grant' | 'revoke'): void {
  command
    .argument('<name>', 'the user')
    .addArgument(new Argument('<role>', 'what they may do').choices(USER_ROLES))
    .addHelpText('after', `\nExample:\n  keydesk user ${what} zoe@example.ch reset-secure-apps-passcode`)
    .action((name: string, role: UserRole) =>
      changeRole(context, command.optsWithGlobals<DeskGlobals>(), name, role, what),
    )
}

async function changeRole(
  context: Context,
  options: DeskGlobals,
  name: string,
  role: UserRole,
  what: 'grant' | 'revoke',
): Promise<void> {
  const { answer, seq } = await withDesk(context, options, (desk) =>
    desk.commit(async (records) => decideRole(await resolveUser(records, name), role, what, { operator: desk.me })),
  )
  const { user, changed } = answer
  await printAnswer(context.io, options, {
    json: { ...userJson(user), changed, auditSeq: seq },
    screen: () => `${describeRole(what, changed, escapeText(user.name))} ${role}.\n`,
  })
}

function describeRole(what: 'grant' | 'revoke', changed: boolean, name: string): string {
  if (what === 'grant') return changed ? `${name} now has` : `Nothing was changed: ${name} already has`
  return changed ? `${name} no longer has` : `Nothing was changed: ${name} does not have`
}
