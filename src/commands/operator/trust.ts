/**
 * `keydesk operator trust`: lists and revokes the trusted workstations, on which `unlock` asks for no code. Operators
 * see and revoke only their own.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import { writeTimeCell } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import type { TrustedWorkstation } from '../../desk/records/index.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { renderPlain, renderTable } from '../../term/table.ts'
import { isoTime } from '../../term/time.ts'

const COLUMNS = [
  { title: 'id', min: 8 },
  { title: 'workstation', min: 12 },
  { title: 'since', min: 16 },
  { title: 'until', min: 16 },
]

export function registerTrust(noun: Command, context: Context): void {
  const trust = noun.command('trust').description('workstations on which you are asked for no code')
  const list = trust.command('list').description('list those that you trusted')
  list
    .addHelpText('after', '\nExample:\n  keydesk operator trust list')
    .action(() => listTrust(context, list.optsWithGlobals<DeskGlobals>()))
  const revoke = trust
    .command('revoke')
    .argument('<id>', 'as operator trust list shows it')
    .description('ask for a code there again')
  revoke
    .addHelpText('after', '\nExample:\n  keydesk operator trust revoke 1f0c9a3e')
    .action((id: string) => revokeTrust(context, revoke.optsWithGlobals<DeskGlobals>(), id))
}

async function listTrust(context: Context, options: DeskGlobals): Promise<void> {
  const { io } = context
  const account = await withDesk(context, options, (desk) =>
    desk.read((records) => records.totpAccount(desk.me.operatorId)),
  )
  const trusted = (account?.trusted ?? []).filter(({ until }) => context.clock() < until)
  await printAnswer(io, options, { json: trusted.map(trustJson), screen: () => renderTrust(context, trusted) })
  if (trusted.length === 0 && io.stdoutIsTerminal) tell(context, options, 'you trusted no workstation: unlock --trust')
}

async function revokeTrust(context: Context, options: DeskGlobals, id: string): Promise<void> {
  const { decideRevokeTrust } = await import('../../desk/totp/second-factor.ts')
  const { answer, seq } = await withDesk(context, options, (desk) =>
    desk.commit(async (records, now) =>
      decideRevokeTrust(await records.totpAccount(desk.me.operatorId), id, { now, operator: desk.me }),
    ),
  )
  await printAnswer(context.io, options, {
    json: { ...trustJson(answer), auditSeq: seq },
    screen: () => `On ${escapeText(answer.name)} a code is asked for again.\n`,
  })
}

const trustJson = ({ trustId, name, since, until }: TrustedWorkstation) => ({
  trustId,
  name,
  since: isoTime(since),
  until: isoTime(until),
})

function renderTrust(context: Context, trusted: readonly TrustedWorkstation[]): string {
  const { io } = context
  const rows = trusted.map(({ trustId, name, since, until }) => [
    trustId,
    name,
    writeTimeCell(context, since),
    writeTimeCell(context, until),
  ])
  if (!io.stdoutIsTerminal) return renderPlain(rows)
  return rows.length === 0 ? '' : renderTable(COLUMNS, rows, io.columns)
}
