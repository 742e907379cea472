/**
 * The file that a device management pushes: an invitation and its enrolment code for every new device.
 * - Anyone who reads this file can enrol as these devices and compute their codes, so it has mode 0600.
 * - The codes are written only after the commit. Until then the file has another name, and blanks in place of the
 *   codes. An import that stops half-way leaves no code.
 */
import { availableParallelism } from 'node:os'
import type { Context } from '../../context.ts'
import { decodeHex } from '../../crypto/bytes.ts'
import type { NewDevice } from '../../desk/import/devices.ts'
import { nameOf } from '../../desk/import/match.ts'
import { renderJson } from '../../term/answer.ts'
import type { Progress } from '../../term/progress.ts'
import { renderCsvLine } from '../../term/table.ts'
import { drawEnrolmentApart, writeInvitation } from './enrolment.ts'
import { openPlaceholder, type PlaceholderFile } from './placeholder-file.ts'

export type Provisioning = {
  /** Writes the file with blanks. Throws `refused` if it cannot be written. */
  readonly reserve: (invitations: readonly Invitation[]) => void
  /** Writes the codes, syncs the file, and gives it its name. */
  readonly complete: (invitations: readonly Invitation[]) => void
  readonly abandon: () => void
}
export type Invitation = {
  readonly deviceId: string
  readonly tag: number
  readonly user: string
  readonly name: string
  readonly invitation: string
  readonly enrolmentCode: string
}

const FIELDS = ['deviceId', 'tag', 'user', 'name', 'invitation', 'enrolmentCode'] as const
/** Each scrypt takes 128 MiB. */
const MOST_AT_A_TIME = 4
const UNFINISHED = {
  what: 'the file that --provisioning names',
  remedy: 'invite each device again: keydesk device invite --again DEVICE',
}

export function openProvisioning(path: string): Provisioning {
  const draft: PlaceholderFile = openPlaceholder(path, '--provisioning', UNFINISHED)
  const render = path.endsWith('.ndjson') ? renderNdjson : renderCsv
  return {
    reserve: (invitations) => draft.reserve(render(invitations, (code) => code.replace(/[^-]/g, '#'))),
    complete: (invitations) => draft.complete(render(invitations, (code) => code)),
    abandon: draft.abandon,
  }
}

type ShowCode = (code: string) => string

function renderCsv(invitations: readonly Invitation[], show: ShowCode): string {
  const rows = invitations.map(({ enrolmentCode, ...rest }) => ({ ...rest, enrolmentCode: show(enrolmentCode) }))
  return [renderCsvLine(FIELDS), ...rows.map((row) => renderCsvLine(FIELDS.map((field) => String(row[field]))))].join(
    '',
  )
}

function renderNdjson(invitations: readonly Invitation[], show: ShowCode): string {
  return invitations.map((each) => renderJson({ ...each, enrolmentCode: show(each.enrolmentCode) })).join('')
}

/**
 * Seals an invitation for each new device, several at a time. The result keeps the order of the devices. Devices with a
 * secret of their own in the file are enrolled already and get none.
 */
export async function sealInvitations(
  context: Context,
  devices: readonly NewDevice[],
  organisation: string,
  progress: Progress,
): Promise<Invitation[]> {
  const drawn = devices.filter(({ row }) => row.secret === null)
  const sealed: Invitation[] = []
  let next = 0
  let done = 0
  const work = async () => {
    for (let i = next++; i < drawn.length; i = next++) {
      sealed[i] = await sealInvitation(context, drawn[i] as NewDevice, organisation)
      progress.show(++done, drawn.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), MOST_AT_A_TIME) }, work))
  return sealed
}

async function sealInvitation(context: Context, device: NewDevice, organisation: string): Promise<Invitation> {
  const { row, deviceId, tag, secret } = device
  const { user, pinAllowed } = row
  const enrolment = await drawEnrolmentApart(context, decodeHex(deviceId), secret)
  const invitation = writeInvitation({ deviceId, tag, user, pinAllowed: pinAllowed ?? false }, enrolment, organisation)
  return { deviceId, tag, user, name: nameOf(row), invitation, enrolmentCode: enrolment.enrolmentCode }
}
