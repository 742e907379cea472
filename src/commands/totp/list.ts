/** `keydesk totp list`: lists the authenticator apps and their states. It reads no secret. */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import { refuseTogether } from '../../console/options.ts'
import { writeTimeCell } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import type { TotpAccount } from '../../desk/records/index.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer, printNdjson } from '../../term/answer.ts'
import { renderPlain, renderTable } from '../../term/table.ts'
import { isoTime } from '../../term/time.ts'

type ListOptions = DeskGlobals & { readonly ndjson?: boolean }

const COLUMNS = [
  { title: 'name', min: 12 },
  { title: 'whose', min: 8 },
  { title: 'state', min: 7 },
  { title: 'verified', min: 16 },
  { title: 'closed until', min: 16 },
]

export function registerTotpList(command: Command, context: Context): void {
  command
    .option('--ndjson', 'one JSON document a line')
    .addHelpText('after', '\nExample:\n  keydesk totp list')
    .action(() => list(context, command.optsWithGlobals<ListOptions>()))
}

async function list(context: Context, options: ListOptions): Promise<void> {
  const { io } = context
  refuseTogether(options, 'json', 'ndjson')
  const accounts = await withDesk(context, options, (desk) =>
    desk.read(async (records) => {
      const found: TotpAccount[] = []
      for await (const account of records.totpAccounts()) if (account.state !== 'none') found.push(account)
      return found
    }),
  )
  const now = context.clock()
  if (options.ndjson)
    return printNdjson(
      io,
      accounts.map((account) => accountJson(account, now)),
    )
  const json = accounts.map((account) => accountJson(account, now))
  await printAnswer(io, options, { json, screen: () => renderAccounts(context, accounts, now) })
  if (accounts.length === 0 && io.stdoutIsTerminal) tell(context, options, 'nobody has an app yet')
}

/** The end of a lock after wrong codes. Null if there is no lock or it is over. */
const closingOf = ({ closedUntil }: TotpAccount, now: number): number | null =>
  closedUntil !== null && now < closedUntil ? closedUntil : null

function accountJson(account: TotpAccount, now: number): Record<string, unknown> {
  const { name, owner, state, enrolledAt, verifiedAt, drift, failures } = account
  const closedUntil = closingOf(account, now)
  return {
    ...{ name, owner, state, enrolledAt: isoTime(enrolledAt), failures, driftSteps: drift },
    verifiedAt: verifiedAt === null ? null : isoTime(verifiedAt),
    closedUntil: closedUntil === null ? null : isoTime(closedUntil),
  }
}

function renderAccounts(context: Context, accounts: readonly TotpAccount[], now: number): string {
  const { io } = context
  const rows = accounts.map((account) => {
    const { name, owner, state, verifiedAt } = account
    const closedUntil = closingOf(account, now)
    const write = (at: number | null) => (at === null ? '' : writeTimeCell(context, at))
    return [name, owner, state, write(verifiedAt) || 'never', write(closedUntil)]
  })
  if (!io.stdoutIsTerminal) return renderPlain(rows)
  return rows.length === 0 ? '' : renderTable(COLUMNS, rows, io.columns)
}
