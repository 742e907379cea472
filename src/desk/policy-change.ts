/** Setting policy: an admin's, and on record with what it was before. */
import { allow, type Circumstances, type Decision, refuse } from './decision.ts'
import type { Policy, PolicyKey } from './policy.ts'
import { refuseRole } from './roles.ts'

export function decideSetPolicy(
  policy: Policy,
  { key, read, write, values }: PolicyKey,
  value: string,
  { operator }: Circumstances,
): Decision<Policy> {
  const entry = { action: 'policy.set', subject: null, details: { key, from: read(policy), to: value } }
  const forbidden = refuseRole('policy.set', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  const next = write(policy, value)
  if (next !== null) return allow(entry, [{ put: 'policy', key, value }], next)
  const message = `${key} cannot be ${value}`
  return refuse(entry, { kind: 'usage', reason: 'bad-value', message, hint: `it can be ${values}` })
}
