/**
 * Writes an invitation to a file: a QR code as a picture, or a mail draft with that picture. The enrolment code is in
 * neither, because it must travel by another way (§7).
 */
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

/** The file to write. Null when none is named. Throws `usage`. */
export function readInviteFile({ qr, email }: InviteFiles): string | null {
  if (qr !== undefined && email !== undefined)
    throw new KeydeskError('usage', 'options-exclude', '--qr and --email exclude each other: the mail has the picture')
  if (email !== undefined) requireEnding(email, '--email', ['eml'])
  if (typeof qr === 'string') requireEnding(qr, '--qr', QR_FORMATS)
  return email ?? (typeof qr === 'string' ? qr : null)
}

/** Runs `add`, which commits, and then writes its answer to the file. */
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
    // Names the device by its tag: the same command again would add a second device.
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
