/** An operator's own authenticator app: drawn with ten recovery codes, shown once. */
import type { Context } from '../context.ts'
import { RECOVERY_BYTES } from '../crypto/recovery.ts'
import type { EnrollAnswer } from '../desk/totp.ts'
import { ownerOfOperator } from '../operations/totp.ts'
import type { Committed, Desk } from '../store/desk.ts'
import { renderEnrollment } from './totp-screen.ts'

const SECRET_BYTES = 20
const RECOVERY_CODES = 10

/** What is drawn for a new app before the store is opened: a commit must not wait for it. */
export function drawApp({ random }: Context, isOperators: boolean): { secret: Uint8Array; recovery: Uint8Array[] } {
  const count = isOperators ? RECOVERY_CODES : 0
  return { secret: random(SECRET_BYTES), recovery: Array.from({ length: count }, () => random(RECOVERY_BYTES)) }
}

/** Pending until its first code; `shown` is for the operator's eyes. */
export async function enrollOperator(
  context: Context,
  desk: Desk,
): Promise<Committed<EnrollAnswer> & { readonly shown: string }> {
  const { decideEnroll } = await import('../desk/totp.ts')
  const { name: issuer } = await desk.read((records) => records.organisation())
  const owner = ownerOfOperator(desk.me)
  const request = { owner, issuer, ...drawApp(context, true) }
  const committed = await desk.commit(async (records, now) =>
    decideEnroll(await records.totpAccount(owner.ownerId), request, { now, operator: desk.me }),
  )
  return { ...committed, shown: await renderEnrollment(committed.answer) }
}
