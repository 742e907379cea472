/** Which operator is meant: the one of that name who is still there. */
import { type Member, presentMembers, type Roster } from '../desk/records/roster.ts'
import { KeydeskError } from '../errors.ts'

export function findOperator(roster: Roster, name: string): Member {
  const same = (other: string) => other.toLowerCase() === name.normalize('NFC').trim().toLowerCase()
  const found = presentMembers(roster).find((member) => same(member.name))
  if (found !== undefined) return found
  throw new KeydeskError('notfound', 'no-operator', `no operator is called ${name}`, 'keydesk operator list')
}
