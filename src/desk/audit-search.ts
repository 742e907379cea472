/** Matches audit entries against an operator's filter. Names are compared without case and accents. */
import { foldText } from './device/search.ts'
import type { AuditEntry } from './records/index.ts'

export type EntryFilter = {
  readonly deviceId?: string | undefined
  readonly user?: string | undefined
  readonly operator?: string | undefined
  /** An action, or the beginning of one. */
  readonly action?: string | undefined
  /** `ok`, a reason, or `refused` for everything but `ok`. */
  readonly outcome?: string | undefined
  /** Milliseconds since 1970. Both ends are included. */
  readonly since?: number | undefined
  readonly until?: number | undefined
}

/** Matches every refusal. No reason has this name. */
const ANY_REFUSAL = 'refused'

export function matchesEntry(entry: AuditEntry, filter: EntryFilter): boolean {
  const { action, outcome, since, until } = filter
  if (!isAbout(entry, filter)) return false
  if (action !== undefined && !entry.action.startsWith(action)) return false
  if (outcome !== undefined && !isOutcome(entry, outcome)) return false
  return entry.at >= (since ?? Number.NEGATIVE_INFINITY) && entry.at <= (until ?? Number.POSITIVE_INFINITY)
}

function isAbout({ subject, operator }: AuditEntry, { deviceId, user, operator: by }: EntryFilter): boolean {
  if (deviceId !== undefined && subject?.id !== deviceId) return false
  if (user !== undefined && (subject?.user == null || foldText(subject.user) !== foldText(user))) return false
  return by === undefined || foldText(operator) === foldText(by)
}

const isOutcome = ({ outcome }: AuditEntry, wanted: string): boolean =>
  wanted === ANY_REFUSAL ? outcome !== 'ok' : outcome === wanted
