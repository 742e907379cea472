/** What is said on the normal screen: the single commands of each call, and what stands on record where a call was left in the middle. */
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import { escapeText } from '../../term/escape.ts'
import { tell } from '../input.ts'
import type { DeskGlobals } from '../session.ts'
import type { Effect } from './effect.ts'
import { writeCommand } from './single-commands.ts'
import type { CallState, Ran } from './state.ts'

/** The commands of a call that is done. */
export function tellRan(context: Context, globals: DeskGlobals, { facts }: CallState, ran: readonly Ran[]): void {
  const who = facts === null ? '' : ` for ${escapeText(`${facts.device.name} of ${facts.device.user}`)}`
  tell(
    context,
    globals,
    [`The call${who}, by single commands:`, ...ran.map((each) => `  ${writeCommand(each)}`)].join('\n'),
  )
}

const COMMITS: readonly Effect['do'][] = ['check', 'totp', 'pin', 'confirm', 'outcome']

/** What was done before it was left, and what is still open; nothing for a call that did nothing, or is told already. */
export function tellLeft(context: Context, globals: DeskGlobals, state: CallState): void {
  const { step, ran, busy, facts, confirmed } = state
  if (step === 'done' || facts === null) return
  if (ran.length > 0) tellRan(context, globals, state, ran)
  const tag = formatTag(facts.device.tag)
  if (confirmed !== null)
    tell(
      context,
      globals,
      `confirmed, entry ${confirmed.seq}; how it ended is not on record yet: keydesk reset outcome ${tag} --opened`,
    )
  else if (ran.length > 0) tell(context, globals, 'nothing was confirmed')
  if (busy !== null && COMMITS.includes(busy.do))
    tell(context, globals, `the last step was under way, and may be on record: keydesk reset history --device ${tag}`)
}
