/**
 * `keydesk audit export`: writes the whole audit log for another program, with the hash and signature of each entry.
 * - Each batch is written as soon as it is read.
 * - An output file appears only when it is complete. It has mode 0600.
 * - An existing file is replaced only with --yes.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { refuseTogether } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { encodeHex } from '../../crypto/bytes.ts'
import { KeydeskError } from '../../errors.ts'
import { writeWholeFile } from '../../files/whole-file.ts'
import { withDesk } from '../../session/open.ts'
import type { Desk } from '../../store/desk.ts'
import { newestSeq, type ReadEntry, readEntries } from '../../store/entries.ts'
import { printAnswer, renderJson } from '../../term/answer.ts'
import { escapeJson } from '../../term/escape.ts'
import { createProgress } from '../../term/progress.ts'
import { renderCsvLine } from '../../term/table.ts'
import { isoTime } from '../../term/time.ts'
import { detailsJson, entryJson, subjectJson } from './entry.ts'

type ExportOptions = DeskGlobals & {
  readonly csv?: boolean
  readonly ndjson?: boolean
  readonly out?: string
  readonly yes?: boolean
}

const CSV_HEADER =
  'seq at operatorId operator action subject subjectName user outcome details generation hash signature'.split(' ')

export function registerExport(command: Command, context: Context): void {
  command
    .option('--ndjson', 'one JSON document a line, which is what it does unless told')
    .option('--csv', 'comma-separated values, for spreadsheets')
    .option('--out <file>', 'write a file, mode 0600, instead of stdout')
    .option('-y, --yes', 'replace the file if it is there')
    .addHelpText('after', '\nExample:\n  keydesk audit export --csv')
    .action(() => exportEntries(context, command.optsWithGlobals<ExportOptions>()))
}

async function exportEntries(context: Context, options: ExportOptions): Promise<void> {
  const { io } = context
  const { out: path, yes: mayReplace = false } = options
  refuseTogether(options, 'csv', 'ndjson')
  if (options.json && path === undefined) throw needsFile()
  const entries = await withDesk(context, options, (desk) =>
    path === undefined
      ? writeEntries(context, options, desk, io.out)
      : writeWholeFile(path, { mayReplace, random: context.random }, (write) =>
          writeEntries(context, options, desk, write),
        ),
  )
  if (path === undefined) return
  const words = `Wrote ${entries} ${entries === 1 ? 'entry' : 'entries'} to ${path}.`
  await printAnswer(io, options, { json: { entries, file: path }, screen: () => words })
}

function needsFile(): KeydeskError {
  const hint = 'name a file with --out, or take --ndjson for one document a line'
  return new KeydeskError(
    'usage',
    'options-exclude',
    '--json says what was written, and nothing is without --out',
    hint,
  )
}

/** Writes all entries up to the one that is newest at the start. Resolves to the number of entries. */
async function writeEntries(
  context: Context,
  options: ExportOptions,
  desk: Desk,
  write: (text: string) => void,
): Promise<number> {
  const { io, clock } = context
  const until = await newestSeq(desk)
  // No progress bar when the entries go to the terminal: it would appear between their lines.
  const isQuiet = options.quiet === true || options.json === true || (io.stdoutIsTerminal && options.out === undefined)
  const progress = createProgress(io, 'exporting', clock, isQuiet)
  const render = options.csv ? csvLine : ndjsonLine
  try {
    if (options.csv) write(renderCsvLine(CSV_HEADER))
    for await (const batch of readEntries(desk, 0, until)) {
      write(batch.map(render).join(''))
      progress.show((batch.at(-1) as ReadEntry).seq, until)
      if (io.outIsClosed) break
    }
  } finally {
    progress.end()
  }
  return until
}

/** The fields that prove an entry: operator id, key generation, hash and signature. */
function proofJson({ chained: { operatorId, generation, hash, signature } }: ReadEntry) {
  return {
    operatorId: encodeHex(operatorId),
    generation,
    hash: encodeHex(hash),
    // Empty when a later entry of the same commit covers this one.
    signature: encodeHex(signature),
  }
}

function ndjsonLine(entry: ReadEntry): string {
  return renderJson({ ...entryJson(entry), ...proofJson(entry) })
}

/** Details differ from action to action, so they share one cell, as JSON. */
function csvLine(entry: ReadEntry): string {
  const { seq, at, operator, action, outcome, details } = entry
  const plain = {
    seq,
    at: isoTime(at),
    operator,
    action,
    outcome,
    details: escapeJson(JSON.stringify(detailsJson(details))),
  }
  const cells: Record<string, string | number | null> = { ...plain, ...subjectJson(entry.subject), ...proofJson(entry) }
  return renderCsvLine(CSV_HEADER.map((name) => String(cells[name] ?? '')))
}
