/**
 * Prints on the normal screen: the single commands of each call, and the open points when a call is left in the middle.
 */
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import { escapeText } from '../../term/escape.ts'
import type { Effect } from './effect.ts'
import type { Facts, RanCommand } from './facts.ts'
import { commandOf, writeCommand } from './single-commands.ts'
import type { CallState } from './state.ts'

/** Prints the single commands of a call. */
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

/** After these errors it is unknown whether the commit happened. */
const OPEN = ['agent-silent', 'disk-error', 'internal']

/**
 * Prints the commands that ran before the call was left, and the open points. Prints nothing for a call without
 * commits, or for a finished call, because its commands are printed already.
 */
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

/** The command of the newest confirmation that happened or may have happened. Null when there was none. */
function findConfirm(state: CallState): readonly string[] | null {
  const { busy, ran } = state
  if (busy?.do === 'confirm') return commandOf(busy, state)
  const isMade = ({ words, refused }: RanCommand) =>
    words[2] === 'confirm' && (refused === null || OPEN.includes(refused))
  return ran.findLast(isMade)?.words ?? null
}

/**
 * How to see a confirmed code again. The operator who confirmed it can repeat the command within `repeatSeconds`; later
 * only an admin can, with a reason.
 */
function seeAgain(state: CallState, { policy: { repeatSeconds } }: Facts): string {
  const minutes = repeatSeconds / 60
  const command = writeCommand({ words: findConfirm(state) ?? [], refused: null })
  if (minutes === 0) return `to see its code again, an admin: ${command} --reason TEXT`
  return `to see its code again, within ${minutes} min: ${command}`
}
