/**
 * The audit entries about one device: its newest entries, how the last call ended, and who blocked it.
 * The device's record has its current state. The entries show how it got there, and some may be older than the part
 * that was read.
 */
import type { AuditEntry } from '../records/index.ts'

/** Only this many of the newest entries are read. It takes some hundredths of a second, however long the log is. */
export const LOOKED_BACK = 2_000
const RECENT = 5

export type DeviceStory = {
  /** The newest entries about the device. The newest is the last. */
  readonly recent: readonly AuditEntry[]
  /** How many of the entries that were read are about the device. */
  readonly about: number
  /** Whether the whole audit log was read. */
  readonly isWhole: boolean
  /** The entry that says how the last call ended. */
  readonly outcome: AuditEntry | null
  /** The entry with which an operator blocked the device; null if no operator blocks it now. */
  readonly block: AuditEntry | null
}

export const isAboutDevice = ({ subject }: AuditEntry, deviceId: string): boolean =>
  subject?.kind === 'device' && subject.id === deviceId

/** `entries` are the entries about the device, in the order of the log. */
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
