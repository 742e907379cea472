/** `keydesk user list` and `show`: print users, their roles, and how each of their devices was registered. */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import { refuseTogether } from '../../console/options.ts'
import { writeTime } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import type { Device, User } from '../../desk/records/index.ts'
import { listDevicesOf, resolveUser } from '../../operations/user-name.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer, printNdjson } from '../../term/answer.ts'
import { renderFields, renderPlain, renderTable } from '../../term/table.ts'
import { isoTime } from '../../term/time.ts'

type ListOptions = DeskGlobals & { readonly ndjson?: boolean }

const COLUMNS = [
  { title: 'name', min: 16 },
  { title: 'roles', min: 10 },
]

/** The JSON fields of a user, the same in every command. */
export function userJson({ userId, name, addedAt, roles }: User): Record<string, unknown> {
  return { userId, name, roles, addedAt: isoTime(addedAt) }
}

export function registerList(command: Command, context: Context): void {
  command
    .option('--ndjson', 'one JSON document a line')
    .addHelpText('after', '\nExample:\n  keydesk user list')
    .action(() => listUsers(context, command.optsWithGlobals<ListOptions>()))
}

async function listUsers(context: Context, options: ListOptions): Promise<void> {
  const { io } = context
  refuseTogether(options, 'json', 'ndjson')
  const users = await withDesk(context, options, (desk) =>
    desk.read(async (records) => {
      const found: User[] = []
      for await (const user of records.users()) found.push(user)
      return found.sort((a, b) => (a.name < b.name ? -1 : 1))
    }),
  )
  if (options.ndjson) return printNdjson(io, users.map(userJson))
  await printAnswer(io, options, { json: users.map(userJson), screen: () => renderUsers(context, users) })
  if (users.length === 0 && io.stdoutIsTerminal) tell(context, options, 'no users yet: keydesk user add NAME')
}

function renderUsers({ io }: Context, users: readonly User[]): string {
  const rows = users.map(({ name, roles }) => [name, roles.join(' ')])
  if (!io.stdoutIsTerminal) return renderPlain(rows)
  return rows.length === 0 ? '' : renderTable(COLUMNS, rows, io.columns)
}

export function registerShow(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nExample:\n  keydesk user show zoe@example.ch')
    .action((name: string) => showUser(context, command.optsWithGlobals<DeskGlobals>(), name))
}

async function showUser(context: Context, options: DeskGlobals, name: string): Promise<void> {
  const { user, devices } = await withDesk(context, options, (desk) =>
    desk.read(async (records) => {
      const found = await resolveUser(records, name)
      return { user: found, devices: await listDevicesOf(records, found) }
    }),
  )
  await printAnswer(context.io, options, {
    json: { ...userJson(user), devices: devices.map(briefly) },
    screen: () => renderFields(describeUser(context, user, devices)),
  })
}

const briefly = ({ deviceId, tag, name, platform, registeredBy, state, pinAllowed }: Device) => ({
  ...{ deviceId, tag, name, platform, registeredBy, state, pinAllowed },
})

function describeUser(context: Context, user: User, devices: readonly Device[]): [string, string][] {
  const rows = devices.map((device): [string, string] => ['Device', describeDevice(device)])
  return [
    ['User', user.name],
    ['Roles', user.roles.join(', ') || 'none'],
    ['Added', writeTime(context, user.addedAt)],
    ...(rows.length === 0 ? [['Device', 'none'] as [string, string]] : rows),
    ['Id', user.userId],
  ]
}

function describeDevice({ tag, name, registeredBy, state }: Device): string {
  const how = registeredBy === 'pin' ? 'a registration PIN' : 'name and password'
  return `${formatTag(tag)} ${name}, ${state}, registered by ${how}`
}
