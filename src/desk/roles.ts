/**
 * Who may do what. A role is held by keys: what an auditor cannot open they cannot read, whatever this table says. It is for
 * the rest, and so that a "no" has its sentence and goes on record. `docs/roles.md` is the same table for people.
 */
import type { Section } from '../crypto/section.ts'
import type { Refusal } from '../errors.ts'
import type { Operator, Role } from './records.ts'

export const ROLES = ['admin', 'helpdesk', 'auditor'] as const satisfies readonly Role[]

/** The section keys that a role is given. */
export const SECTIONS_OF: Readonly<Record<Role, readonly Section[]>> = {
  admin: ['directory', 'secrets', 'admin'],
  helpdesk: ['directory', 'secrets'],
  auditor: ['directory'],
}

/** What is not open to everybody: who may, and how it is said. */
const RULES = {
  'device.invite': { roles: ['admin', 'helpdesk'], what: 'invite devices' },
  'device.import': { roles: ['admin'], what: 'import devices' },
  'device.block': { roles: ['admin', 'helpdesk'], what: 'block devices' },
  'device.unblock': { roles: ['admin'], what: 'unblock a device' },
  'device.retire': { roles: ['admin', 'helpdesk'], what: 'retire devices' },
  'reset.check': { roles: ['admin', 'helpdesk'], what: 'check reset codes' },
  'reset.confirm': { roles: ['admin', 'helpdesk'], what: 'confirm reset codes' },
  'reset.outcome': { roles: ['admin', 'helpdesk'], what: 'say how a call ended' },
  'user.add': { roles: ['admin', 'helpdesk'], what: 'add users' },
  'user.import': { roles: ['admin'], what: 'import users' },
  'pin.issue': { roles: ['admin', 'helpdesk'], what: 'issue PINs' },
  'pin.redeem': { roles: ['admin', 'helpdesk'], what: 'redeem PINs' },
  'pin.revoke': { roles: ['admin', 'helpdesk'], what: 'revoke PINs' },
  'operator.add': { roles: ['admin'], what: 'add operators' },
  'operator.remove': { roles: ['admin'], what: 'remove operators' },
  'operator.role': { roles: ['admin'], what: 'change roles' },
  'policy.set': { roles: ['admin'], what: 'set policy' },
  'mail.template': { roles: ['admin'], what: 'word mails' },
  'store.rekey': { roles: ['admin'], what: 'draw new keys' },
} as const satisfies Readonly<Record<string, { readonly roles: readonly Role[]; readonly what: string }>>

export type RuledAction = keyof typeof RULES

/** Null when the operator may. */
export function refuseRole(action: RuledAction, { role }: Pick<Operator, 'role'>): Refusal | null {
  const { roles, what } = RULES[action]
  if ((roles as readonly Role[]).includes(role)) return null
  const onlyAdmin = roles.length === 1
  return {
    kind: 'refused',
    reason: onlyAdmin ? 'needs-admin' : 'needs-helpdesk',
    message: onlyAdmin ? `only an admin may ${what}` : `an ${role} may not ${what}`,
    hint: onlyAdmin ? 'ask an administrator of this desk' : 'ask a colleague of the helpdesk, or an administrator',
  }
}
