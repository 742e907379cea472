/** What the mail with a PIN says: to whom, for what, until when, and nothing that a stranger could use without the device. */
import { formatPin } from '../crypto/pin.ts'
import type { IssueAnswer } from '../desk/pin.ts'
import { expiresAt } from '../desk/pin-state.ts'
import { escapeText } from '../term/escape.ts'
import { renderMail } from '../term/mail.ts'
import { readAddress } from '../term/mail-address.ts'
import { formatLocal } from '../term/time.ts'

export const mailAddressOf = ({ device }: Pick<IssueAnswer, 'device'>): string | null => readAddress(device.user)

export function renderPinMail({ pin, device, issued }: IssueAnswer & { readonly pin: string }, organisation: string) {
  const forDevice = device.pins.device.issued === issued
  const name = escapeText(device.name)
  const use = forDevice
    ? `Enter it in the app on ${name}, with your user name ${escapeText(device.user)}, and choose a new passcode.`
    : `Read it to the helpdesk of ${escapeText(organisation)} when you are asked for it, in a call that you began.`
  const text = `Your one-time PIN for ${name}:

    ${formatPin(pin)}

${use}
It is good once, until ${formatLocal(expiresAt(issued))}. A newer PIN replaces it at once.
If you did not ask for it, tell the helpdesk.`
  return renderMail({ to: mailAddressOf({ device }), subject: `One-time PIN from ${organisation}`, text })
}
