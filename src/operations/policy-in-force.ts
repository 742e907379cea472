/** The organisation's policy: the one place that knows where it comes from. */
import { DEFAULT_POLICY, type Policy } from '../desk/policy.ts'
import type { Records } from '../store/records.ts'

export async function readPolicy(_records: Records): Promise<Policy> {
  return DEFAULT_POLICY
}
