/** What is said on the normal screen: the single commands of each call, and what stands on record where a call was left in the middle. */
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import { escapeText } from '../../term/escape.ts'
import type { Effect } from './effect.ts'
import type { Facts, RanCommand } from './facts.ts'
import { commandOf, writeCommand } from './single-commands.ts'
import type { CallState } from './state.ts'

/** The commands of a call that is done. */
export function tellRan(
  context: Context,
  globals: DeskGlobals,
  { facts }: CallState,
  ran: readonly RanCommand[],
): void {
  const who = facts === null ? '' : ` for ${escapeText(`${facts.device.name} of ${facts.device.user}`)}`
  tell(
    context,
    globals,
    [`The call${who}, by single commands:`, ...ran.map((each) => `  ${writeCommand(each)}`)].join('\n'),
  )
}

const COMMITS: readonly Effect['do'][] = ['check', 'totp', 'pin', 'confirm', 'outcome']

/** Refusals after which nobody knows whether it was done. */
const OPEN = ['agent-silent', 'disk-error', 'internal']

/** What was done before it was left, and what is still open; nothing for a call that did nothing, or is told already. */
export function tellLeft(context: Context, globals: DeskGlobals, state: CallState): void {
  const { step, ran, facts } = state
  if (step === 'done' || facts === null) return
  if (ran.length > 0) tellRan(context, globals, state, ran)
  for (const line of describeLeft(state, facts)) tell(context, globals, line)
}

function describeLeft(state: CallState, facts: Facts): string[] {
  const { ran, busy, confirmed } = state
  const tag = formatTag(facts.device.tag)
  const outcome = `how it ended is not on record yet: keydesk reset outcome ${tag} --opened`
  if (confirmed !== null) return [`confirmed, entry ${confirmed.seq}; ${outcome}`, seeAgain(state, facts)]
  const underWay = busy !== null && COMMITS.includes(busy.do)
  if (!underWay && !ran.some(({ refused }) => OPEN.includes(refused ?? '')))
    return ran.length > 0 ? ['nothing was confirmed'] : []
  const open = `${underWay ? 'the last step was under way, and' : 'a step was not answered, and'} may be on record: keydesk reset history --device ${tag}`
  return findConfirm(state) === null ? [open, 'nothing was confirmed'] : [open, seeAgain(state, facts)]
}

/** The newest confirmation that was made, or may have been, as a command; null where none was. */
function findConfirm(state: CallState): readonly string[] | null {
  const { busy, ran } = state
  if (busy?.do === 'confirm') return commandOf(busy, state)
  const isMade = ({ words, refused }: RanCommand) =>
    words[2] === 'confirm' && (refused === null || OPEN.includes(refused))
  return ran.findLast(isMade)?.words ?? null
}

/** A code that is on record is shown again to whoever confirmed it, for as long as policy says; after that to an admin, who says why. */
function seeAgain(state: CallState, { policy: { repeatSeconds } }: Facts): string {
  const minutes = repeatSeconds / 60
  const command = writeCommand({ words: findConfirm(state) ?? [], refused: null })
  if (minutes === 0) return `to see its code again, an admin: ${command} --reason TEXT`
  return `to see its code again, within ${minutes} min: ${command}`
}
