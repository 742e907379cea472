/**
 * `keydesk audit list`: filters entries of the audit log and prints them, the newest last.
 * - Formats: table, plain lines, JSON or NDJSON. With --follow, new entries are printed as they appear.
 * - Each batch of lines is written before the next batch is read, and no snapshot is held meanwhile. A slow reader of
 *   the output therefore uses no extra memory and blocks no writer.
 */
import { tell } from '../../console/input.ts'
import { refuseTogether } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { type EntryFilter, matchesEntry } from '../../desk/audit-search.ts'
import type { AuditEntry } from '../../desk/records/index.ts'
import { KeydeskError } from '../../errors.ts'
import { resolveDevice } from '../../operations/device-name.ts'
import { withDesk } from '../../session/open.ts'
import type { Desk } from '../../store/desk.ts'
import { newestSeq, readEntries, readNewest } from '../../store/entries.ts'
import { printAnswer, renderNdjson } from '../../term/answer.ts'
import { parseMoment } from '../../term/time.ts'
import { entryJson, renderEntries, renderEntryLines } from './entry.ts'
import type { ListingOptions } from './options.ts'

/** --follow checks for new entries twice a second. One check costs a tenth of a millisecond. */
const LOOK_EVERY_MS = 500

type Matches = (entry: AuditEntry) => boolean

export async function listEntries(context: Context, options: ListingOptions): Promise<void> {
  refuseTogether(options, 'json', 'ndjson')
  refuseTogether(options, 'json', 'follow')
  if (options.follow && options.until !== undefined)
    throw new KeydeskError('usage', 'options-exclude', '--follow and --until exclude each other')
  const times = readTimes(context, options)
  await withDesk(context, options, async (desk) => {
    const filter = { ...times, ...(await readFilter(desk, options)) }
    const matches: Matches = (entry) => matchesEntry(entry, filter)
    const isTable = options.json || (context.io.stdoutIsTerminal && !options.ndjson)
    if (options.follow) return followEntries(context, options, desk, matches)
    if (isTable) return showEntries(context, options, desk, matches)
    await printFrom(context, options, desk, matches)
  })
}

function readTimes({ clock }: Context, { since, until }: ListingOptions): EntryFilter {
  const now = clock()
  return {
    since: since === undefined ? undefined : parseMoment(since, now).from,
    until: until === undefined ? undefined : parseMoment(until, now).to,
  }
}

async function readFilter(desk: Desk, { device, user, by, action, outcome }: ListingOptions): Promise<EntryFilter> {
  const found = device === undefined ? undefined : await desk.read((records) => resolveDevice(records, device))
  return { deviceId: found?.deviceId, user, operator: by, action, outcome }
}

/** Collects all matches before printing: column widths depend on every cell, and JSON is one document. */
async function showEntries(context: Context, options: ListingOptions, desk: Desk, matches: Matches): Promise<void> {
  const { io } = context
  const until = await newestSeq(desk)
  const found: AuditEntry[] = []
  if (options.limit !== undefined) found.push(...(await readNewest(desk, until, options.limit, matches)))
  else for await (const batch of readEntries(desk, 0, until)) found.push(...batch.filter(matches))
  await printAnswer(io, options, { json: found.map(entryJson), screen: () => renderEntries(context, found) })
  if (found.length === 0 && io.stdoutIsTerminal) tell(context, options, 'no entry matches')
}

/** Prints the matching entries batch by batch. Resolves to the sequence number of the last entry that was read. */
async function printFrom(
  context: Context,
  options: ListingOptions,
  desk: Desk,
  matches: Matches,
  after: number | null = null,
): Promise<number> {
  const { io } = context
  const print = (entries: readonly AuditEntry[]) =>
    io.out(options.ndjson ? renderNdjson(entries.map(entryJson)) : renderEntryLines(context, entries))
  const until = await newestSeq(desk)
  if (after === null && options.limit !== undefined) {
    print(await readNewest(desk, until, options.limit, matches))
    return until
  }
  for await (const batch of readEntries(desk, after ?? 0, until)) {
    const found = batch.filter(matches)
    if (found.length > 0) print(found)
    if (io.outIsClosed) break
  }
  return until
}

async function followEntries(context: Context, options: ListingOptions, desk: Desk, matches: Matches): Promise<void> {
  let seen = await printFrom(context, options, desk, matches)
  while (!context.io.outIsClosed) {
    await context.pause(LOOK_EVERY_MS)
    seen = await printFrom(context, options, desk, matches, seen)
  }
}
