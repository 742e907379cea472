/** What a call knows of the desk: plain values that its state and its effects share. */

import type { Device, Role, TotpAccount } from '../../desk/records/index.ts'
import type { Policy } from '../../desk/records/policy.ts'

/** What the desk knows of a device and its user, looked up when it was chosen. */
export type Facts = {
  readonly device: Device
  readonly confirmedBy: string | null
  readonly app: TotpAccount['state']
  readonly appVerifiedAt: number | null
  readonly policy: Policy
  readonly role: Role
  /** When all this was so, in milliseconds since 1970. */
  readonly at: number
}

/** One single command, as it would have been typed, and what came of it. */
export type RanCommand = { readonly words: readonly string[]; readonly refused: string | null }
