/**
 * An entry of the audit log as JSON, as a plain line and as a table row. Every command that shows an entry uses this
 * file.
 */
import { writeTimeCell } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { parseTag } from '../../crypto/tag.ts'
import type { AuditEntry } from '../../desk/records/index.ts'
import { renderPlain, renderTable } from '../../term/table.ts'
import { isoTime } from '../../term/time.ts'

/** Minimum widths keep the cells that distinguish entries whole on a narrow terminal. */
const COLUMNS = [
  { title: 'seq' },
  { title: 'at', min: 16 },
  { title: 'operator', min: 8 },
  { title: 'action', min: 15 },
  { title: 'subject', min: 10 },
  { title: 'outcome', min: 11 },
  { title: 'details', min: 8 },
]

/** Each detail becomes a field of its own. A tag becomes a number, as everywhere in JSON. */
export function entryJson({ seq, at, operator, action, subject, outcome, details }: AuditEntry) {
  const { subject: named, subjectName, user } = subjectJson(subject)
  return {
    ...detailsJson(details),
    ...{ seq, at: isoTime(at), operator, action, subject: named, subjectName, user, outcome },
  }
}

export function detailsJson(details: AuditEntry['details']): AuditEntry['details'] {
  return typeof details['tag'] === 'string' ? { ...details, tag: parseTag(details['tag']) } : details
}

export function subjectJson(subject: AuditEntry['subject']) {
  if (subject === null) return { subject: null, subjectName: null, user: null }
  return { subject: `${subject.kind}:${subject.id}`, subjectName: subject.name, user: subject.user }
}

/** One line per entry, with tabs between the cells. */
export function renderEntryLines(context: Context, entries: readonly AuditEntry[]): string {
  return renderPlain(entries.map((entry) => entryRow(context, entry)))
}

/** A table for a person. Returns an empty string when there are no entries. */
export function renderEntries(context: Context, entries: readonly AuditEntry[]): string {
  const rows = entries.map((entry) => entryRow(context, entry))
  return entries.length === 0 ? '' : renderTable(COLUMNS, rows, context.io.columns)
}

function entryRow(context: Context, entry: AuditEntry): string[] {
  const { seq, at, operator, action, outcome } = entry
  const time = writeTimeCell(context, at)
  return [String(seq), time, operator, action, describeSubject(entry), outcome, describeDetails(entry)]
}

function describeSubject({ subject }: AuditEntry): string {
  if (subject === null) return ''
  return subject.user === null || subject.kind === 'user' ? subject.name : `${subject.name} of ${subject.user}`
}

/** `verified by callback, ticket HD-4711, repeated`. Details that are null or false are left out. */
export function describeDetails({ details }: AuditEntry): string {
  const told = Object.entries(details).filter(([, value]) => value !== null && value !== false)
  const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return told.map(([name, value]) => (value === true ? words(name) : `${words(name)} ${value}`)).join(', ')
}
