/** An operator's own authenticator app: draws it with ten recovery codes, and renders both once. */
import type { Context } from '../context.ts'
import { RECOVERY_BYTES } from '../crypto/recovery.ts'
import type { EnrollAnswer } from '../desk/totp/decide.ts'
import { ownerOfOperator } from '../operations/totp.ts'
import type { Committed, Desk } from '../store/desk.ts'

import { escapeText } from '../term/escape.ts'

const SECRET_BYTES = 20
const RECOVERY_CODES = 10
const GROUP_LENGTH = 4

/** Draws the secret and the recovery codes before the store is opened, so that the commit does not wait for it. */
export function drawApp({ random }: Context, isOperators: boolean): { secret: Uint8Array; recovery: Uint8Array[] } {
  const count = isOperators ? RECOVERY_CODES : 0
  return { secret: random(SECRET_BYTES), recovery: Array.from({ length: count }, () => random(RECOVERY_BYTES)) }
}

/**
 * Enrolls the operator's own app, which is pending until its first code. `shown` is text for the operator's screen
 * only.
 */
export async function enrollOperator(
  context: Context,
  desk: Desk,
): Promise<Committed<EnrollAnswer> & { readonly shown: string }> {
  const { decideEnroll } = await import('../desk/totp/decide.ts')
  const { name: issuer } = await desk.read((records) => records.organisation())
  const owner = ownerOfOperator(desk.me)
  const request = { owner, issuer, ...drawApp(context, true) }
  const committed = await desk.commit(async (records, now) =>
    decideEnroll(await records.totpAccount(owner.ownerId), request, { now, operator: desk.me }),
  )
  return { ...committed, shown: await renderEnrollment(committed.answer) }
}

/** `JBSW Y3DP …`: the key in groups, for typing without a camera. */
export function groupKey(secret: string): string {
  return (secret.match(new RegExp(`.{1,${GROUP_LENGTH}}`, 'g')) ?? []).join(' ')
}

export async function renderEnrollment({ account, uri, secret, recoveryCodes }: EnrollAnswer): Promise<string> {
  const { renderQr } = await import('../term/qr.ts')
  return [
    await renderQr(uri),
    `To be scanned with the authenticator app of ${escapeText(account.name)}; or the key, typed by hand:`,
    '',
    `  ${groupKey(secret)}`,
    '',
    'Keep a picture of it, or the key, in a safe place for the day the phone is lost.',
    'It is not shown again.\n',
    ...renderRecovery(recoveryCodes),
  ].join('\n')
}

/** Two columns, for copying onto paper. */
export function renderRecovery(codes: readonly string[]): string[] {
  if (codes.length === 0) return []
  const half = codes.length / 2
  const rows = codes.slice(0, half).map((code, i) => `  ${code}   ${codes[half + i]}`)
  return ['Recovery codes, each good once instead of a code. Keep them apart from the phone.', '', ...rows, '']
}
