/**
 * The history of one device for `device show`: its state, the reason for that state, and the newest entries about it.
 * The digits of a PIN are never shown.
 */
import { writeTime } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import { type DeviceStory, isAboutDevice, LOOKED_BACK, tellStory } from '../../desk/device/history.ts'
import { expiresAt, listOutstanding, type Outstanding } from '../../desk/pin/state.ts'
import type { AuditEntry, Device } from '../../desk/records/index.ts'
import type { Desk } from '../../store/desk.ts'
import { newestSeq, readEntries } from '../../store/entries.ts'
import { isoTime } from '../../term/time.ts'
import { describeDetails, entryJson } from '../audit/entry.ts'
import { OUTCOME_WORDS } from '../reset/outcome.ts'

export type DeviceHistory = {
  readonly device: Device
  readonly story: DeviceStory
  readonly pins: readonly Outstanding[]
  /** An operator's name by their id. */
  readonly nameOf: (operatorId: string) => string
}
export type Field = [label: string, value: string]

export async function readHistory(desk: Desk, device: Device, now: number): Promise<DeviceHistory> {
  const newest = await newestSeq(desk)
  const about: AuditEntry[] = []
  for await (const batch of readEntries(desk, Math.max(0, newest - LOOKED_BACK), newest))
    about.push(...batch.filter((entry) => isAboutDevice(entry, device.deviceId)))
  const pins = listOutstanding(device, now)
  const ids = [device.invitedBy, device.lastConfirmed?.operator ?? '', ...pins.map(({ issued }) => issued.issuedBy)]
  const known = await desk.read(async (records) => {
    const found = ids.filter((id) => id !== '').map(async (id) => [id, await records.operator(id)] as const)
    return new Map(await Promise.all(found))
  })
  const nameOf = (id: string) => known.get(id)?.name ?? 'a former operator'
  return { device, story: tellStory(about, newest <= LOOKED_BACK), pins, nameOf }
}

/** The fields that `device show` adds to the usual fields of a device. */
export function historyJson({ device, story, pins, nameOf }: DeviceHistory): Record<string, unknown> {
  const { lastConfirmed, state, invitedBy, managementId } = device
  const { recent, about, isWhole, outcome, block } = story
  const by = state === 'blocked' ? block : null
  return {
    invitedBy: nameOf(invitedBy),
    managementId: managementId ?? null,
    confirmedBy: lastConfirmed === null ? null : nameOf(lastConfirmed.operator),
    blockedAt: by === null ? null : isoTime(by.at),
    blockedBy: by?.operator ?? null,
    pins: pins.map(({ audience, issued }) => ({
      ...{ for: audience, delivered: issued.delivered, issuedBy: nameOf(issued.issuedBy) },
      ...{ issuedAt: isoTime(issued.issuedAt), expiresAt: isoTime(expiresAt(issued)) },
    })),
    lastOutcome: outcome === null ? null : entryJson(outcome),
    recent: recent.map(entryJson),
    // Counts only the newest LOOKED_BACK entries, unless the audit log has no more.
    entriesAbout: about,
    lookedBack: isWhole ? null : LOOKED_BACK,
  }
}

export function describeState(context: Context, { device, story: { block } }: DeviceHistory): string {
  const { state, blockedFor } = device
  if (blockedFor === null) return state
  const by = state !== 'blocked' || block === null ? '' : `; by ${block.operator}, ${writeTime(context, block.at)}`
  return `${state}: ${blockedFor}${by}`
}

export function describePins(context: Context, { pins, nameOf }: DeviceHistory): Field[] {
  if (pins.length === 0) return [['PIN out', 'none']]
  return pins.map(({ audience, issued }) => {
    const whom = audience === 'desk' ? 'for this desk' : 'for the app'
    const how = issued.delivered === 'mail' ? 'mailed' : 'read out'
    const when = `${writeTime(context, issued.issuedAt)} by ${nameOf(issued.issuedBy)}`
    return ['PIN out', `${whom}, ${how} ${when}, good until ${writeTime(context, expiresAt(issued))}`]
  })
}

export function describeLastReset(context: Context, { device: { lastConfirmed }, nameOf }: DeviceHistory): string {
  if (lastConfirmed === null) return 'never'
  return `${writeTime(context, lastConfirmed.at)} by ${nameOf(lastConfirmed.operator)}, epoch ${lastConfirmed.epoch}`
}

/** The outcome of the last call, if an operator recorded one. Empty if the device was never reset. */
export function describeLastCall(context: Context, { device: { lastConfirmed }, story }: DeviceHistory): Field[] {
  const { outcome, isWhole } = story
  if (outcome === null)
    return lastConfirmed === null ? [] : [['Last call', isWhole ? 'how it ended is not on record' : farBack('nothing')]]
  const { result, ticket, epoch } = outcome.details
  const words = OUTCOME_WORDS[result as keyof typeof OUTCOME_WORDS] ?? String(result)
  const isBefore = epoch !== (lastConfirmed?.epoch ?? null)
  const more = `${ticket === null ? '' : `, ticket ${ticket}`}${isBefore ? '; a reset before the last one' : ''}`
  return [['Last call', `${words}, as ${outcome.operator} put down ${writeTime(context, outcome.at)}${more}`]]
}

const farBack = (what: string) => `${what} among the newest ${LOOKED_BACK} entries of the record`

/** The newest entries about the device, and how many entries were searched. */
export function describeRecord(
  context: Context,
  { device, story: { recent, about, isWhole } }: DeviceHistory,
): Field[] {
  const count = `${about} ${about === 1 ? 'entry' : 'entries'} about it`
  const where = isWhole ? count : farBack(count)
  const all = about > recent.length || !isWhole ? `; all: keydesk audit list --device ${formatTag(device.tag)}` : ''
  return [['Record', `${where}${all}`], ...recent.map((entry) => describeEntry(context, entry))]
}

function describeEntry(context: Context, entry: AuditEntry): Field {
  const { seq, at, operator, action, outcome } = entry
  const said = [`${operator} ${action}`, outcome, describeDetails(entry)].filter((part) => part !== '').join(', ')
  return [`  ${seq}`, `${writeTime(context, at)} ${said}`]
}
