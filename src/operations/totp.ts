/**
 * Verifies a caller by a code of their app: reads the data for the decision, and runs it.
 * The code that computes TOTP is imported late, because most calls need none.
 */

import type { Device, Operator, User } from '../desk/records/index.ts'
import { presentMembers } from '../desk/records/roster.ts'
import { type CallerProof, NO_PROOF, proofByCode, proofByTime, refusedProof } from '../desk/reset/caller.ts'
import type { HeldTotp } from '../desk/totp/codes.ts'
import type { CodeAnswer, TotpOwner } from '../desk/totp/decide.ts'
import { notEnrolled, pending } from '../desk/totp/refusals.ts'
import { KeydeskError } from '../errors.ts'
import { isFields, isText } from '../guards.ts'
import type { Committed, Desk } from '../store/desk.ts'
import type { Records } from '../store/records.ts'
import type { Operation } from './operation.ts'

export type VerifyRequest = { readonly user: string; readonly code: string }

/** Six digits: the form in which codes are compared. */
export const isCode = (value: unknown): value is string => isText(value) && /^\d{6}$/.test(value)

export const verifyCaller: Operation<VerifyRequest, Committed<CodeAnswer>> = {
  accepts: (request): request is VerifyRequest =>
    isFields(request) && isText(request['user']) && isCode(request['code']),
  async perform(desk, { user, code }) {
    const { decideVerify } = await import('../desk/totp/decide.ts')
    return desk.commit(async (records, now) => {
      const owner = ownerOf(await resolveUser(records, user))
      return decideVerify(owner, await readHeld(records, owner), code, { now, operator: desk.me })
    })
  },
}

/** Throws `notfound`: an unknown user has no app. */
async function resolveUser(records: Records, name: string): Promise<User> {
  const user = await records.user(name)
  if (user !== null) return user
  const hint = 'type the whole name, as it stands in: keydesk device list'
  throw new KeydeskError('notfound', 'no-user', `no user is called ${name}`, hint)
}

const ownerOf = ({ userId, name }: User): TotpOwner => ({ ownerId: userId, owner: 'user', name })

export const ownerOfOperator = ({ operatorId, name }: Operator): TotpOwner => ({
  ownerId: operatorId,
  owner: 'operator',
  name,
})

/** Returns the owner of the app that a command means: the operator for null, else the user with this name. */
export async function resolveOwner(desk: Desk, records: Records, user: string | null): Promise<TotpOwner> {
  return user === null ? ownerOfOperator(desk.me) : ownerOf(await resolveUser(records, user))
}

/**
 * Returns the owner of the app to reset: the operator for null, else a user or another operator. Throws `usage` if the
 * name belongs to both.
 */
export async function resolveResetOwner(
  desk: Desk,
  records: Records,
  name: string | null,
  of: 'user' | 'operator' | null,
): Promise<TotpOwner> {
  if (name === null) return ownerOfOperator(desk.me)
  const same = (other: string) => other.toLowerCase() === name.normalize('NFC').trim().toLowerCase()
  const operator = of === 'user' ? undefined : presentMembers(records.roster).find((member) => same(member.name))
  const user = of === 'operator' ? null : await records.user(name)
  if (operator !== undefined && user !== null) {
    const hint = 'say which: --of user, or --of operator'
    throw new KeydeskError('usage', 'ambiguous-name', `${name} is a user and an operator`, hint)
  }
  return operator === undefined ? resolveOwner(desk, records, name) : ownerOfOperator(operator)
}

/** Returns null if the app was never set up, or was reset. */
export async function readHeld(records: Records, { ownerId }: TotpOwner): Promise<HeldTotp | null> {
  const account = await records.totpAccount(ownerId)
  return account === null || account.state === 'none' ? null : { account, secret: await records.totpSecret(account) }
}

/** Proves the device's user by the code that they read out, or by one that was verified in the last ten minutes. */
export async function proveCaller(
  records: Records,
  { user: name }: Device,
  { totp, verifiedBy }: { readonly totp: string | null; readonly verifiedBy: string | null },
  now: number,
): Promise<CallerProof> {
  if (totp === null && verifiedBy !== 'totp') return NO_PROOF
  const user = await records.user(name)
  if (totp === null) return proofByTime(user === null ? null : await records.totpAccount(user.userId), name, now)
  const held = user === null ? null : await readHeld(records, ownerOf(user))
  if (held === null) return refusedProof(notEnrolled({ owner: 'user', name }))
  if (held.account.state === 'pending') return refusedProof(pending(held.account))
  const { judgeCode } = await import('../desk/totp/codes.ts')
  return proofByCode(judgeCode(held, totp, now))
}
