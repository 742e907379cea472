/** `keydesk operator list`: lists the operators with their roles, the removed ones too. */
import type { DeskGlobals } from '../../console/globals.ts'
import { writeTimeCell } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import type { Member } from '../../desk/records/roster.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { renderPlain, renderTable } from '../../term/table.ts'
import { isoTime } from '../../term/time.ts'

const COLUMNS = [
  { title: 'name', min: 8 },
  { title: 'role', min: 8 },
  { title: 'since', min: 16 },
  { title: 'removed', min: 16 },
]

export async function listOperators(context: Context, options: DeskGlobals): Promise<void> {
  const { members, me } = await withDesk(context, options, (desk) =>
    desk.read(async ({ roster }) => ({ members: roster.members, me: desk.me.operatorId })),
  )
  const rows = members.map((member) => [
    member.operatorId === me && context.io.stdoutIsTerminal ? `${member.name} (you)` : member.name,
    member.role,
    writeTimeCell(context, member.addedAt),
    member.removedAt === null ? '' : writeTimeCell(context, member.removedAt),
  ])
  await printAnswer(context.io, options, {
    json: members.map(operatorJson),
    screen: () => (context.io.stdoutIsTerminal ? renderTable(COLUMNS, rows, context.io.columns) : renderPlain(rows)),
  })
}

function operatorJson({ operatorId, name, role, addedAt, removedAt }: Member) {
  return {
    operatorId,
    name,
    role,
    addedAt: isoTime(addedAt),
    removedAt: removedAt === null ? null : isoTime(removedAt),
  }
}
