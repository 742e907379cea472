/** Listing entries of the audit record: filtered, the newest last, as a table, plain lines, JSON or NDJSON. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { parseTag } from '../crypto/codes.ts'
import { foldText } from '../desk/device-search.ts'
import type { AuditEntry } from '../desk/records.ts'
import { resolveDevice } from '../operations/device-name.ts'
import type { Records } from '../store/records.ts'
import { printAnswer, printNdjson } from '../term/answer.ts'
import { renderPlain, renderTable } from '../term/table.ts'
import { isoTime } from '../term/time.ts'
import { tell } from './input.ts'
import { parseCount, refuseTogether } from './options.ts'
import { type DeskGlobals, withDesk } from './session.ts'
import { writeTimeCell } from './times.ts'

/** On a narrow terminal what tells entries apart stays whole. */
const COLUMNS = [
  { title: 'seq' },
  { title: 'at', min: 16 },
  { title: 'operator', min: 8 },
  { title: 'action', min: 15 },
  { title: 'subject', min: 10 },
  { title: 'outcome', min: 11 },
  { title: 'details', min: 8 },
]

export type ListingOptions = DeskGlobals & {
  readonly device?: string
  readonly user?: string
  readonly by?: string
  /** An action, or its beginning. */
  readonly action?: string
  readonly limit?: number
  readonly ndjson?: boolean
}

export function registerListing(command: Command): Command {
  return command
    .option('--limit <n>', 'only the newest so many', parseCount)
    .option('--ndjson', 'one JSON document a line')
}

export async function listEntries(context: Context, options: ListingOptions): Promise<void> {
  const { io } = context
  refuseTogether(options, 'json', 'ndjson')
  const entries = await withDesk(context, options, (desk) => desk.read((records) => gatherEntries(records, options)))
  if (options.ndjson) return printNdjson(io, entries.map(entryJson))
  await printAnswer(io, options, { json: entries.map(entryJson), screen: () => renderEntries(context, entries) })
  if (entries.length === 0 && io.stdoutIsTerminal) tell(context, options, 'no entry matches')
}

async function gatherEntries(records: Records, options: ListingOptions): Promise<AuditEntry[]> {
  const deviceId = options.device === undefined ? null : (await resolveDevice(records, options.device)).deviceId
  const found: AuditEntry[] = []
  for await (const entry of records.entries(0)) if (matchesEntry(entry, options, deviceId)) found.push(entry)
  return options.limit === undefined ? found : found.slice(-options.limit)
}

function matchesEntry(
  { subject, operator, action }: AuditEntry,
  { user, by, action: wanted }: ListingOptions,
  deviceId: string | null,
): boolean {
  if (deviceId !== null && subject?.id !== deviceId) return false
  if (user !== undefined && (subject?.user == null || foldText(subject.user) !== foldText(user))) return false
  if (by !== undefined && foldText(operator) !== foldText(by)) return false
  return wanted === undefined || action.startsWith(wanted)
}

/**
 * An entry as scripts see it; its details are fields of their own, and a tag is the number that it is everywhere in
 * JSON.
 */
function entryJson({ seq, at, operator, action, subject, outcome, details }: AuditEntry): Record<string, unknown> {
  const tag = typeof details['tag'] === 'string' ? { tag: parseTag(details['tag']) } : {}
  const { subject: named, subjectName, user } = subjectJson(subject)
  return { ...details, ...tag, seq, at: isoTime(at), operator, action, subject: named, subjectName, user, outcome }
}

function subjectJson(subject: AuditEntry['subject']) {
  if (subject === null) return { subject: null, subjectName: null, user: null }
  return { subject: `${subject.kind}:${subject.id}`, subjectName: subject.name, user: subject.user }
}

function renderEntries(context: Context, entries: readonly AuditEntry[]): string {
  const { io } = context
  const rows = entries.map((entry) => {
    const { seq, at, operator, action, outcome } = entry
    return [
      String(seq),
      writeTimeCell(context, at),
      operator,
      action,
      describeSubject(entry),
      outcome,
      describeDetails(entry),
    ]
  })
  if (!io.stdoutIsTerminal) return renderPlain(rows)
  return entries.length === 0 ? '' : renderTable(COLUMNS, rows, io.columns)
}

function describeSubject({ subject }: AuditEntry): string {
  if (subject === null) return ''
  return subject.user === null ? subject.name : `${subject.name} of ${subject.user}`
}

/** `verified by callback, ticket HD-4711, repeated`: what is null or false is left out. */
function describeDetails({ details }: AuditEntry): string {
  const told = Object.entries(details).filter(([, value]) => value !== null && value !== false)
  const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return told.map(([name, value]) => (value === true ? words(name) : `${words(name)} ${value}`)).join(', ')
}
