/** What stands in the mail with a PIN: for what, until when, and nothing that a stranger could use without the device. */
import { renderWorded, type Worded } from '../console/mail-wording.ts'
import { formatPin, type PinAudience } from '../crypto/pin.ts'
import type { MailKind } from '../desk/mail-kinds.ts'
import type { IssueAnswer } from '../desk/pin.ts'
import { expiresAt } from '../desk/pin-state.ts'
import { formatLocal } from '../term/time.ts'

/** By what is asked for: the wording is read before there is a PIN. */
export const pinMailKind = (audience: PinAudience): MailKind => (audience === 'device' ? 'pin-device' : 'pin-desk')

export function renderPinMail({ pin, device, issued }: IssueAnswer, worded: Worded): string {
  const { user, name } = device
  return renderWorded(worded, { user, device: name, pin: formatPin(pin), expiresAt: formatLocal(expiresAt(issued)) })
}
