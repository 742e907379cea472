/** What is shown of a new authenticator app: QR code and key on a terminal, or both in a mail draft. */
import type { EnrollAnswer } from '../desk/totp.ts'
import { escapeText } from '../term/escape.ts'
import { renderMail } from '../term/mail.ts'
import { readAddress } from '../term/mail-address.ts'

const GROUP_LENGTH = 4

/** `JBSW Y3DP …`: for typing, where no camera is. */
function groupKey(secret: string): string {
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

/** Two columns, as they are copied onto paper. */
export function renderRecovery(codes: readonly string[]): string[] {
  if (codes.length === 0) return []
  const half = codes.length / 2
  const rows = codes.slice(0, half).map((code, i) => `  ${code}   ${codes[half + i]}`)
  return ['Recovery codes, each good once instead of a code. Keep them apart from the phone.', '', ...rows, '']
}

/** The key is in the mail beside the picture, so whoever reads the mail has both: the draft says to delete it. */
export async function drawMail({ account, uri, secret }: EnrollAnswer, organisation: string): Promise<string> {
  const { drawQrFile } = await import('../term/qr-file.ts')
  const text = [
    `With this you can prove on the telephone to the helpdesk of ${organisation} that it is you.`,
    '',
    'Scan the attached picture with an authenticator app. Or type the key by hand:',
    '',
    `  ${groupKey(secret)}`,
    '',
    'Then call the helpdesk and read out one code of the app: it is not in force before.',
    'Keep the picture or the key in a safe place, and delete this mail. The helpdesk never asks for the key.',
    '',
  ].join('\n')
  const picture = { name: 'authenticator.png', type: 'image/png', bytes: await drawQrFile(uri, 'png') }
  const subject = 'Your authenticator app for the helpdesk'
  return renderMail({ to: readAddress(account.name), subject, text, attachments: [picture] })
}
