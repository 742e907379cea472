/**
 * `keydesk audit verify`: proves that no entry of the audit log was changed, cut out, moved or signed by somebody else.
 * A checkpoint that was kept elsewhere proves two more things:
 * - The entries up to the checkpoint are the same entries as when it was made.
 * - The end of the audit log was not cut off before the checkpoint.
 */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { readTextFile, tell } from '../../console/input.ts'
import { writeTime } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { encodeHex } from '../../crypto/bytes.ts'
import { type Checkpoint, parseCheckpoints } from '../../crypto/checkpoint.ts'
import { KeydeskError } from '../../errors.ts'
import { withDesk } from '../../session/open.ts'
import { verifyChain } from '../../store/verify/chain.ts'
import type { ChainFault, ChainReport } from '../../store/verify/chain-walk.ts'
import { printAnswer } from '../../term/answer.ts'
import { createProgress } from '../../term/progress.ts'
import { formatDuration, isoTime } from '../../term/time.ts'

type VerifyOptions = DeskGlobals & { readonly against?: string }

const SHOWN = 5

export function registerVerify(command: Command, context: Context): void {
  command
    .option('--against <checkpoint>', 'a checkpoint, a file that holds some, or - for standard input')
    .addHelpText('after', '\nExample:\n  keydesk audit verify')
    .action(() => verifyAudit(context, command.optsWithGlobals<VerifyOptions>()))
}

async function verifyAudit(context: Context, options: VerifyOptions): Promise<void> {
  const checkpoints = options.against === undefined ? [] : readCheckpoints(context, options.against)
  const report = await withDesk(context, options, async (desk) => {
    const progress = createProgress(
      context.io,
      'verifying',
      context.clock,
      options.quiet === true || options.json === true,
    )
    try {
      return await verifyChain(desk, checkpoints, progress.show)
    } finally {
      progress.end()
    }
  })
  noteClock(context, options, report)
  if (report.fault !== null) throw brokenRecord(report.fault)
  const screen = () => describeReport(context, report, checkpoints)
  await printAnswer(context.io, options, { json: reportJson(report, checkpoints), screen })
}

/** Throws `mistyped` for a checkpoint whose check fails, and `usage` when there is no checkpoint. */
function readCheckpoints({ io }: Context, given: string): Checkpoint[] {
  // If a file has this name, the argument is that file, even when its name looks like a checkpoint.
  const isText = parseCheckpoints(given).length > 0 && !existsSync(given)
  const text = isText ? given : given === '-' ? io.readInput() : readTextFile(given, '--against')
  const checkpoints = parseCheckpoints(text)
  if (checkpoints.length === 0) {
    const hint = 'it looks like keydesk:checkpoint/1/…; make one: keydesk audit checkpoint'
    throw new KeydeskError('usage', 'no-checkpoint', 'there is no checkpoint in what --against names', hint)
  }
  const wrong = checkpoints.indexOf(null)
  if (wrong === -1) return checkpoints as Checkpoint[]
  const which = checkpoints.length === 1 ? 'the checkpoint' : `checkpoint ${wrong + 1} of ${checkpoints.length}`
  const hint = 'compare it with what was written down; nothing was verified yet'
  throw new KeydeskError('mistyped', 'wrong-checkpoint', `${which} was copied wrongly: its own check fails`, hint)
}

function brokenRecord({ what, seq, message }: ChainFault): KeydeskError {
  const hint = 'keep the file as it is, find out who could write it, and restore the store from a backup'
  return KeydeskError.of({ kind: 'damaged', reason: what, message, hint, details: { seq } })
}

/**
 * A step back of the clock is not a fault: a clock is set, or a second workstation has a different clock. It is
 * reported because it can also be a sign of forged times.
 */
function noteClock(context: Context, options: VerifyOptions, { clockBack }: ChainReport): void {
  for (const { seq, byMs } of clockBack.slice(0, SHOWN))
    tell(
      context,
      options,
      `note: at entry ${seq} the clock was ${formatDuration(byMs / 1000)} behind the entry before it`,
    )
  if (clockBack.length > SHOWN) tell(context, options, `note: and so at ${clockBack.length - SHOWN} more`)
}

function reportJson({ newest, oldest, clockBack }: ChainReport, checkpoints: readonly Checkpoint[]) {
  return {
    entries: newest?.seq ?? 0,
    oldestAt: oldest === null ? null : isoTime(oldest.at),
    newestAt: newest === null ? null : isoTime(newest.at),
    hash: newest === null ? null : encodeHex(newest.hash),
    checkpoints: checkpoints.map(({ seq }) => seq),
    clockBack: clockBack.map(({ seq, byMs }) => ({ seq, seconds: byMs / 1000 })),
  }
}

function describeReport(context: Context, { newest, oldest }: ChainReport, checkpoints: readonly Checkpoint[]): string {
  const span =
    newest === null || oldest === null ? '' : `, ${writeTime(context, oldest.at)} to ${writeTime(context, newest.at)}`
  const latest = checkpoints.reduce((most, { seq }) => Math.max(most, seq), 0)
  const against = latest === 0 ? '' : `\nUp to entry ${latest} they are those of the checkpoint.`
  return `All ${newest?.seq ?? 0} entries hold${span}.${against}\n`
}
