/**
 * `keydesk operator role` and `remove`: change the rights of an operator in one commit. If the operator may read less
 * from then on, the same commit replaces the section keys.
 */
import { confirmOr } from '../../console/consent.ts'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { decideChangeRole, decideRemoveOperator } from '../../desk/operator.ts'
import type { Role } from '../../desk/records/index.ts'
import { ROLES } from '../../desk/records/roles.ts'
import { type Member, presentMembers, type Roster } from '../../desk/records/roster.ts'
import { KeydeskError } from '../../errors.ts'
import { withDesk } from '../../session/open.ts'
import { drawSectionKeys } from '../../store/keyring.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'

export type ChangeOptions = DeskGlobals & { readonly yes?: boolean }

export async function changeRole(context: Context, options: ChangeOptions, name: string, to: string): Promise<void> {
  const role = parseRole(to)
  const fresh = drawSectionKeys(context.random)
  const { answer, seq } = await withDesk(context, options, async (desk) => {
    const member = await desk.read(async ({ roster }) => findOperator(roster, name))
    await confirmOr(context, options, `Make ${escapeText(member.name)}, who is ${member.role}, ${role}?`)
    return desk.commit(async ({ roster }, now) =>
      decideChangeRole(roster, findOperator(roster, member.name), role, fresh, { now, operator: desk.me }),
    )
  })
  const { operatorId } = answer
  await printAnswer(context.io, options, {
    json: { operatorId, name: answer.name, role, auditSeq: seq },
    screen: () => `${escapeText(answer.name)} is ${role} from now on.\n`,
  })
}

function parseRole(text: string): Role {
  const found = ROLES.find((role) => role === text)
  if (found !== undefined) return found
  throw new KeydeskError('usage', 'bad-role', 'there is no such role', `there are ${ROLES.join(', ')}`)
}

export async function removeOperator(context: Context, options: ChangeOptions, name: string): Promise<void> {
  const fresh = drawSectionKeys(context.random)
  const { answer, seq } = await withDesk(context, options, async (desk) => {
    const member = await desk.read(async ({ roster }) => findOperator(roster, name))
    await confirmOr(
      context,
      options,
      `Remove ${escapeText(member.name)} (${member.role}), and draw new keys for the desk?`,
    )
    return desk.commit(async ({ roster }, now) =>
      decideRemoveOperator(roster, findOperator(roster, member.name), fresh, { now, operator: desk.me }),
    )
  })
  await printAnswer(context.io, options, {
    json: { operatorId: answer.operatorId, name: answer.name, role: answer.role, auditSeq: seq },
    screen: () => `Removed ${escapeText(answer.name)}; everything is sealed under new keys.\n`,
  })
  tell(
    context,
    options,
    'note: what they could read before, they may have kept; a device whose secret is in doubt is enrolled anew',
  )
}

/** The operator of that name who was not removed. Throws `notfound`. */
function findOperator(roster: Roster, name: string): Member {
  const same = (other: string) => other.toLowerCase() === name.normalize('NFC').trim().toLowerCase()
  const found = presentMembers(roster).find((member) => same(member.name))
  if (found !== undefined) return found
  throw new KeydeskError('notfound', 'no-operator', `no operator is called ${name}`, 'keydesk operator list')
}
