/**
 * `keydesk store verify`: verifies everything that the operator's keys open. It reports every fault, not only the
 * first.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { KeydeskError } from '../../errors.ts'
import { withDesk } from '../../session/open.ts'
import { type StoreReport, verifyStore } from '../../store/verify/store.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { createProgress } from '../../term/progress.ts'

export function registerStoreVerify(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nExample:\n  keydesk store verify')
    .action(() => verify(context, command.optsWithGlobals<DeskGlobals>()))
}

async function verify(context: Context, options: DeskGlobals): Promise<void> {
  const report = await withDesk(context, options, async (desk) => {
    const isQuiet = options.quiet === true || options.json === true
    const progress = createProgress(context.io, 'verifying', context.clock, isQuiet)
    try {
      return await verifyStore(desk, progress.show)
    } finally {
      progress.end()
    }
  })
  if (report.faultCount > 0) throw foundFaults(context, options, report)
  await printAnswer(context.io, options, { json: reportJson(report), screen: () => describeReport(report) })
}

/** Prints the faults to stderr, and returns an error whose details hold them for --json. */
function foundFaults(context: Context, options: DeskGlobals, { faults, faultCount }: StoreReport): KeydeskError {
  for (const { message } of faults) tell(context, options, `fault: ${escapeText(message)}`)
  if (faultCount > faults.length) tell(context, options, `and ${faultCount - faults.length} more`)
  const message = `the store does not verify: ${faultCount} ${faultCount === 1 ? 'fault' : 'faults'}`
  const hint = 'keep the file as it is, find out who could write it, and restore the store from a backup'
  return KeydeskError.of({ kind: 'damaged', reason: 'store-faults', message, hint, details: { faultCount, faults } })
}

function reportJson({ chain, rows, indexes, secrets, secretsNotOpened }: StoreReport) {
  return { rows, indexes, secrets, secretsNotOpened, entries: chain.newest?.seq ?? 0, faults: [] }
}

function describeReport({ chain, rows, indexes, secretsNotOpened }: StoreReport): string {
  const whole = `All ${rows} rows, ${indexes} indexes and ${chain.newest?.seq ?? 0} entries hold.\n`
  if (secretsNotOpened === 0) return whole
  return `${whole}${secretsNotOpened} secrets were not opened: your role holds no key to them. The digest has them as they are.\n`
}
