/** Facts about the desk, as plain values that the state and the effects of a call share. */

import type { Device, Role, TotpAccount } from '../../desk/records/index.ts'
import type { Policy } from '../../desk/records/policy.ts'

/** Facts about the chosen device and its user, read when the operator chose the device. */
export type Facts = {
  readonly device: Device
  readonly confirmedBy: string | null
  readonly app: TotpAccount['state']
  readonly appVerifiedAt: number | null
  readonly policy: Policy
  readonly role: Role
  /** The time of the reading, in milliseconds since 1970. */
  readonly at: number
}

/** One single command as an operator would type it, and the reason if it was refused. */
export type RanCommand = { readonly words: readonly string[]; readonly refused: string | null }
