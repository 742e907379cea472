/** The mail draft that sends a caller the QR code and the key of a new authenticator app. */
import type { EnrollAnswer } from '../../desk/totp/decide.ts'
import { readAddress } from '../../mail/address.ts'
import { renderMail } from '../../mail/message.ts'
import { groupKey } from '../../session/own-app.ts'

/** Anyone who reads the mail has the secret, as a picture and as a key. The text therefore says to delete the mail. */
export async function drawMail({ account, uri, secret }: EnrollAnswer, organisation: string): Promise<string> {
  const { drawQrFile } = await import('../../term/qr-file.ts')
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
