/**
 * What the record says of one device, as far back as it was looked at: its newest entries, how the last call ended, who blocked it. The
 * device itself says how it stands; entries say how it came to that, and may be further back than anybody looked.
 */
import type { AuditEntry } from '../records/index.ts'

/** So many of the newest entries of the whole record are looked at: some hundredths of a second, however long the record is. */
export const LOOKED_BACK = 2_000
const RECENT = 5

export type DeviceStory = {
  /** The newest of them, the newest last. */
  readonly recent: readonly AuditEntry[]
  /** How many are about the device, among those that were looked at. */
  readonly about: number
  /** Whether that was the whole record. */
  readonly isWhole: boolean
  /** How the last call ended. */
  readonly outcome: AuditEntry | null
  /** Who closed it, while it is closed by an operator. */
  readonly block: AuditEntry | null
}

export const isAboutDevice = ({ subject }: AuditEntry, deviceId: string): boolean =>
  subject?.kind === 'device' && subject.id === deviceId

/** `entries` are those about the device, in order. */
export function tellStory(entries: readonly AuditEntry[], isWhole: boolean): DeviceStory {
  const done = entries.filter(({ outcome }) => outcome === 'ok')
  const newest = (actions: readonly string[]) => done.findLast(({ action }) => actions.includes(action)) ?? null
  const closing = newest(['device.block', 'device.unblock'])
  return {
    recent: entries.slice(-RECENT),
    about: entries.length,
    isWhole,
    outcome: newest(['reset.outcome']),
    block: closing?.action === 'device.block' ? closing : null,
  }
}
