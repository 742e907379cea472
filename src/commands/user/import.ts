/**
 * `keydesk user import`: adds users from a list and sets their roles, all lines or none, in one commit. A list of
 * devices works too: several lines with the same user count as one user.
 */
import type { Command } from 'commander'
import { refuseTogether } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { normalizeUser } from '../../crypto/pin.ts'
import { refuseLines, userBytes } from '../../desk/import/devices.ts'
import type { UserRow } from '../../desk/import/rows.ts'
import {
  countUsers,
  decideImportUsers,
  newNames,
  planUsers,
  type UserLinePlan,
  type UserPlan,
} from '../../desk/import/users.ts'
import { USER_ROLES, type User } from '../../desk/records/index.ts'
import { refuseRole } from '../../desk/records/roles.ts'
import { KeydeskError } from '../../errors.ts'
import { CellFault, type CellReader, readName, readSwitch } from '../../import/cells.ts'
import { collectMap, type ImportField } from '../../import/columns.ts'
import { type ImportFile, type ImportOptions, readImport } from '../../import/file.ts'
import { describeCounts, printReport, type ReportLine, refusedLine, tellRefused } from '../../import/report.ts'
import { withDesk } from '../../session/open.ts'
import type { Desk } from '../../store/desk.ts'
import type { Records } from '../../store/records.ts'
import { DEVICE_FIELDS } from '../device/import-rows.ts'

type UserField = 'user' | 'roles' | 'grant'
type UserFile = ImportFile<UserRow, UserField>
const GRANT = USER_ROLES[0]

const USER_FIELDS: readonly ImportField<UserField>[] = [
  // `user list --json` names this field `name`.
  { field: 'user', names: [...(DEVICE_FIELDS.find(({ field }) => field === 'user')?.names ?? []), 'name'] },
  { field: 'roles', names: ['roles'] },
  { field: 'grant', names: ['resetsecureappspasscode', 'grant'] },
]

const HELP = `
A column "roles" lists what each user is granted; a column
"${GRANT}" says yes or no. What a line says nothing of stays
as it is. Running it again changes nothing.

Example:
  keydesk user import users.csv --dry-run`

export function registerUserImport(command: Command, context: Context): void {
  command
    .option('--map <field=column>', 'which column a field is: user, roles, grant (repeatable)', collectMap)
    .option('--dry-run', 'only show, line by line, what would be done')
    .option('--ndjson', 'one JSON document for each line of the file')
    .addHelpText('after', HELP)
    .action((file: string) => importUsers(context, command.optsWithGlobals<ImportOptions>(), file))
}

function readUserRow(read: CellReader<UserField>, line: number): UserRow {
  const user = read('user', readName)
  if (user === null) throw new CellFault('user', 'user-missing', 'it has no user')
  const roles = read('roles', readRoles)
  const grant = read('grant', readSwitch)
  if (roles !== null && grant !== null && roles.includes(GRANT) !== grant)
    throw new CellFault('grant', 'bad-value', 'the columns of roles say different things')
  return { line, user, owner: normalizeUser(user), roles: roles ?? (grant === null ? null : grant ? [GRANT] : []) }
}

/** `none` removes all roles. An empty cell changes nothing. */
function readRoles(cell: string, field: string): string[] {
  const words = cell.split(/[\s,;|]+/).filter((word) => word !== '' && word !== 'none')
  if (words.every((word) => (USER_ROLES as readonly string[]).includes(word))) return [...new Set(words)]
  throw new CellFault(field, 'bad-value', `a role of users is expected: ${USER_ROLES.join(', ')}; or none`)
}

async function importUsers(context: Context, options: ImportOptions, name: string): Promise<void> {
  refuseTogether(options, 'json', 'ndjson')
  const file = await readImport(context, options, name, { fields: USER_FIELDS, readRow: readUserRow })
  try {
    const { plan, seq } = await withDesk(context, options, (desk) => runImport(context, options, desk, file))
    const counts = countUsers(plan)
    const { columns } = file
    await printReport(context, options, {
      ...{ columns, counts, auditSeq: seq, lines: () => planLines(plan) },
      summary: describeImport(plan, options.dryRun === true),
    })
    const refusal = options.dryRun ? refuseLines(plan.refused, counts.lines) : null
    if (refusal !== null) throw KeydeskError.of(refusal)
  } catch (error) {
    tellRefused(context, options, error)
    throw error
  }
}

async function runImport(context: Context, options: ImportOptions, desk: Desk, file: UserFile) {
  const plan = await desk.read((records) => readPlan(records, file))
  const forbidden = refuseRole('user.import', desk.me)
  if (options.dryRun && forbidden !== null) throw KeydeskError.of(forbidden)
  const { added, changed, refused } = countUsers(plan)
  // No change means no commit and no audit entry.
  if (options.dryRun || (added + changed + refused === 0 && forbidden === null)) return { plan, seq: null }
  let decided = plan
  const { seq } = await desk.commit(async (records, now) => {
    decided = await readPlan(records, file)
    const userIds = context.random(userBytes(newNames(decided)))
    return decideImportUsers(decided, userIds, { now, operator: desk.me })
  })
  return { plan: decided, seq }
}

async function readPlan(records: Records, { rows, faults }: UserFile): Promise<UserPlan> {
  const users = new Map<string, User>()
  for await (const user of records.users()) users.set(normalizeUser(user.name), user)
  const plan = planUsers(rows, users)
  return { ...plan, refused: [...faults, ...plan.refused].sort((a, b) => a.line - b.line) }
}

function planLines({ lines, refused }: UserPlan): ReportLine[] {
  const action = ({ what }: UserLinePlan) => (what === 'same' ? 'unchanged' : what)
  const told = lines.map(
    (each): ReportLine => ({
      ...{ line: each.row.line, action: action(each), user: each.row.user },
      ...(each.what !== 'same' && { roles: each.roles, fields: each.what === 'change' ? ['roles'] : each.roles }),
    }),
  )
  return [...told, ...refused.map(refusedLine)].sort((a, b) => a.line - b.line)
}

function describeImport(plan: UserPlan, isRehearsal: boolean): string {
  const { added, changed, unchanged, refused } = countUsers(plan)
  const parts = [`${added} added`, `${changed} changed`, `${unchanged} unchanged`]
  return describeCounts(parts, isRehearsal, added + changed === 0, refused)
}
