/**
 * `keydesk audit checkpoint`: prints the sequence number and hash of the newest entry, to write down, mail or print.
 * Keep the checkpoint where people who can write the store cannot change it. It then proves two things later:
 * - No entry up to the checkpoint was changed.
 * - The end of the audit log was not cut off before the checkpoint.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import { writeTime } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { encodeHex } from '../../crypto/bytes.ts'
import { type Checkpoint, encodeCheckpoint, groupCheckpoint } from '../../crypto/checkpoint.ts'
import { withDesk } from '../../session/open.ts'
import { newestSeq, readEntries } from '../../store/entries.ts'
import { damagedRecord, entryId } from '../../store/sealer.ts'
import { printAnswer } from '../../term/answer.ts'
import { renderFields } from '../../term/table.ts'
import { isoTime } from '../../term/time.ts'

const GROUPS_A_LINE = 7

export function registerCheckpoint(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nExample:\n  keydesk audit checkpoint')
    .action(() => printCheckpoint(context, command.optsWithGlobals<DeskGlobals>()))
}

async function printCheckpoint(context: Context, options: DeskGlobals): Promise<void> {
  const { checkpoint, at } = await withDesk(context, options, async (desk) => {
    const newest = await newestSeq(desk)
    for await (const [entry] of readEntries(desk, newest - 1, newest))
      if (entry !== undefined) return { checkpoint: { seq: newest, hash: entry.chained.hash }, at: entry.at }
    throw damagedRecord('entry', entryId(1))
  })
  const text = encodeCheckpoint(checkpoint)
  await printAnswer(context.io, options, {
    json: { seq: checkpoint.seq, at: isoTime(at), hash: encodeHex(checkpoint.hash), checkpoint: text },
    value: text,
    screen: () => renderCheckpoint(context, checkpoint, at, text),
  })
  const hint =
    'hint: keep it where nobody who writes the store can change it; later: keydesk audit verify --against FILE'
  if (context.io.stdoutIsTerminal) tell(context, options, hint)
}

function renderCheckpoint(context: Context, checkpoint: Checkpoint, at: number, text: string): string {
  const groups = groupCheckpoint(checkpoint)
  const fields: [string, string][] = [
    ['Entry', `${checkpoint.seq}, of ${writeTime(context, at)}`],
    ['On paper', groups.slice(0, GROUPS_A_LINE).join(' ')],
    ['', groups.slice(GROUPS_A_LINE).join(' ')],
  ]
  return `${renderFields(fields)}\n${text}\n`
}
