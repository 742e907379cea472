/**
 * `keydesk doctor`: checks the installation, and prints for each check its state and the command that fixes it. It
 * needs no passphrase, changes nothing, and works before anything is set up.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { paintFor } from '../../console/paint.ts'
import type { Context } from '../../context.ts'
import { EXIT_CODES, KeydeskError } from '../../errors.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import type { Check } from './check.ts'
import { checkDesk } from './desk.ts'
import { gatherFacts } from './facts.ts'
import { checkMachine } from './machine.ts'

const HELP = `
Exit 0 if all is well or there are only warnings; else the exit code of the
first failure.

Example:
  keydesk doctor`

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }
const NAME_WIDTH = 13

export function registerDoctor(command: Command, context: Context): void {
  command.addHelpText('after', HELP).action(() => examine(context, command.optsWithGlobals<DeskGlobals>()))
}

async function examine(context: Context, options: DeskGlobals): Promise<void> {
  const facts = await gatherFacts(context, options)
  const checks = [...checkMachine(facts), ...checkDesk(facts)]
  const failed = checks.filter(({ state }) => state === 'fail')
  const json = { ok: failed.length === 0, checks: checks.map(describeCheck) }
  await printAnswer(context.io, options, { json, screen: () => renderChecks(context, options, checks) })
  const [first] = failed
  if (first === undefined) return
  const message = `${failed.length} of ${checks.length} checks failed: ${failed.map(({ name }) => name).join(', ')}`
  throw new KeydeskError(first.kind ?? 'internal', 'unwell', message, first.fix ?? 'keydesk doctor')
}

const describeCheck = ({ kind, ...check }: Check) => ({ ...check, exit: kind === null ? 0 : EXIT_CODES[kind] })

async function renderChecks(context: Context, options: DeskGlobals, checks: readonly Check[]): Promise<string> {
  const { good, warn, bad } = await paintFor(context, options)
  const brushes = { ok: good, warn, fail: bad }
  const lines = checks.flatMap(({ name, state, message, fix }) => [
    `${brushes[state](MARKS[state])}  ${name.padEnd(NAME_WIDTH)}${escapeText(message)}`,
    ...(fix === null ? [] : [`${' '.repeat(6 + NAME_WIDTH)}mend: ${escapeText(fix)}`]),
  ])
  return `${lines.join('\n')}\n`
}
