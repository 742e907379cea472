/**
 * The table of roles: which operator may do what. `docs/roles.md` is the same table for people.
 * - The keys enforce a role: an auditor cannot read data without its key, whatever this table says.
 * - The table covers everything else. It also gives each refusal its sentence, and a refusal gets an audit entry.
 */
import type { Section } from '../../crypto/section.ts'
import type { Refusal } from '../../errors.ts'
import type { Operator, Role } from './index.ts'

export const ROLES = ['admin', 'helpdesk', 'auditor'] as const satisfies readonly Role[]

/** The section keys of each role. */
export const SECTIONS_OF: Readonly<Record<Role, readonly Section[]>> = {
  admin: ['directory', 'secrets', 'admin'],
  helpdesk: ['directory', 'secrets'],
  auditor: ['directory'],
}

type Rule = { readonly roles: readonly Role[]; readonly what: string; readonly hint?: string }

/**
 * Actions that are not open to everybody: the roles that may do them, and the words for a refusal. For the last few,
 * the decision itself says when the rule applies.
 */
const RULES = {
  'device.invite': { roles: ['admin', 'helpdesk'], what: 'invite devices' },
  'device.import': { roles: ['admin'], what: 'import devices' },
  'device.block': { roles: ['admin', 'helpdesk'], what: 'block devices' },
  'device.unblock': { roles: ['admin'], what: 'unblock a device' },
  'device.retire': { roles: ['admin', 'helpdesk'], what: 'retire devices' },
  'device.policy': { roles: ['admin'], what: 'change policy' },
  'reset.check': { roles: ['admin', 'helpdesk'], what: 'check reset codes' },
  'reset.confirm': { roles: ['admin', 'helpdesk'], what: 'confirm reset codes' },
  'reset.outcome': { roles: ['admin', 'helpdesk'], what: 'say how a call ended' },
  'user.add': { roles: ['admin', 'helpdesk'], what: 'add users' },
  'user.import': { roles: ['admin'], what: 'import users' },
  'user.remove': { roles: ['admin'], what: 'remove a user' },
  'user.grant': { roles: ['admin'], what: 'grant a role' },
  'user.revoke': { roles: ['admin'], what: 'revoke a role' },
  'pin.issue': { roles: ['admin', 'helpdesk'], what: 'issue PINs' },
  'pin.redeem': { roles: ['admin', 'helpdesk'], what: 'redeem PINs' },
  'pin.revoke': { roles: ['admin', 'helpdesk'], what: 'revoke PINs' },
  'operator.add': { roles: ['admin'], what: 'add operators' },
  'operator.remove': { roles: ['admin'], what: 'remove operators' },
  'operator.role': { roles: ['admin'], what: 'change roles' },
  'policy.set': { roles: ['admin'], what: 'set policy' },
  'mail.template': { roles: ['admin'], what: 'word mails' },
  'store.rekey': { roles: ['admin'], what: 'draw new keys' },
  'store.accept': {
    roles: ['admin'],
    what: 'accept a store that is not the one last used here',
    hint: 'ask an administrator of this desk to look at it, at this workstation',
  },
  'store.restore': {
    roles: ['admin'],
    what: 'restore a backup that gives up',
    hint: 'ask an administrator of this desk, or look for a newer backup',
  },
  'totp.reset': {
    roles: ['admin'],
    what: 'reset an authenticator app without a code of it',
    hint: 'if the old phone still works: keydesk totp reset USER --code CODE; else ask an administrator of this desk',
  },
} as const satisfies Readonly<Record<string, Rule>>

const ASK_ADMIN = 'ask an administrator of this desk'
const ASK_HELPDESK = 'ask a colleague of the helpdesk, or an administrator'

export type RuledAction = keyof typeof RULES

/** Returns null if the operator may do it. `object` ends the sentence where the table leaves its object open. */
export function refuseRole(action: RuledAction, { role }: Pick<Operator, 'role'>, object?: string): Refusal | null {
  const { roles, what, hint }: Rule = RULES[action]
  if (roles.includes(role)) return null
  const whole = object === undefined ? what : `${what} ${object}`
  if (roles.length > 1) {
    const message = `an ${role} may not ${whole}`
    return { kind: 'refused', reason: 'needs-helpdesk', message, hint: hint ?? ASK_HELPDESK }
  }
  return { kind: 'refused', reason: 'needs-admin', message: `only an admin may ${whole}`, hint: hint ?? ASK_ADMIN }
}
