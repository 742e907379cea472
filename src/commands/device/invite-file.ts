/** An invitation in a file: a picture to be scanned, or a mail draft with one. The enrolment code is in neither: it goes another way. */
import { renderWorded, type Worded } from '../../console/mail-wording.ts'
import { requireEnding, withSecretFile } from '../../console/secret-file.ts'
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import type { Device } from '../../desk/records/index.ts'
import { KeydeskError } from '../../errors.ts'
import type { Attachment } from '../../mail/message.ts'
import { drawQrFile, formatOf, QR_FORMATS } from '../../term/qr-file.ts'

export type InviteFiles = { readonly qr?: string | true; readonly email?: string }
type Invited = { readonly device: Device; readonly invitation: string; readonly worded: Worded }

/** The file that is to be written; null for none. Throws `usage`. */
export function readInviteFile({ qr, email }: InviteFiles): string | null {
  if (qr !== undefined && email !== undefined)
    throw new KeydeskError('usage', 'options-exclude', '--qr and --email exclude each other: the mail has the picture')
  if (email !== undefined) requireEnding(email, '--email', ['eml'])
  if (typeof qr === 'string') requireEnding(qr, '--qr', QR_FORMATS)
  return email ?? (typeof qr === 'string' ? qr : null)
}

/** `add` commits; what it answers is written then. */
export function withInviteFile<T extends Invited>(
  context: Context,
  path: string,
  { email }: InviteFiles,
  add: () => Promise<T>,
): Promise<T> {
  return withSecretFile(context, path, {
    commit: add,
    draw: (invited) => (email === undefined ? drawPicture(invited.invitation, formatOf(path)) : drawMail(invited)),
    what: 'the device',
    // By its tag: the command repeated would add a second device.
    again: ({ device }) => `make another invitation for it: keydesk device invite --again ${formatTag(device.tag)}`,
  })
}

const drawPicture = (invitation: string, format: (typeof QR_FORMATS)[number]): Promise<Uint8Array> =>
  drawQrFile(invitation, format)

async function drawMail({ device, invitation, worded }: Invited): Promise<string> {
  const bytes = await drawPicture(invitation, 'png')
  const picture: Attachment = { name: 'invitation.png', type: 'image/png', bytes }
  return renderWorded(worded, { user: device.user, device: device.name, invitation }, [picture])
}
