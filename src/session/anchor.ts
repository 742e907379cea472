/**
 * The rollback anchor for commands. If the anchor cannot be saved, the command warns and still gives its answer: the
 * commit is durable by then, and the next command saves the anchor.
 */
import { askAgentsAnchor } from '../agent/anchor.ts'
import { lockAgent } from '../agent/client.ts'
import type { GlobalOptions } from '../console/globals.ts'
import { tell } from '../console/input.ts'
import type { Context } from '../context.ts'
import type { Anchor } from '../desk/anchor.ts'
import { KeydeskError } from '../errors.ts'
import type { AnchorPort } from '../store/chain-standing.ts'
import { escapeText } from '../term/escape.ts'
import { openAnchor, replaceAnchor } from '../workstation/anchor.ts'

/** The anchor of one store, in the workstation's config. */
export function anchorOf(context: Context, options: GlobalOptions, storeId: string): AnchorPort {
  return warning(context, options, openAnchor(context.places, context.random, storeId))
}

/** The anchor by way of the agent, which has it in memory. Falls back to the config if no agent runs any more. */
export function agentsAnchorOf(context: Context, options: GlobalOptions, storeId: string): AnchorPort {
  const inConfig = openAnchor(context.places, context.random, storeId)
  return warning(context, options, askAgentsAnchor(context.places, storeId, inConfig))
}

function warning(context: Context, options: GlobalOptions, { read, keep }: AnchorPort): AnchorPort {
  return { read, keep: (anchor) => warnUnlessDone(context, options, () => keep(anchor)) }
}

async function warnUnlessDone(
  context: Context,
  options: GlobalOptions,
  keep: () => void | Promise<void>,
): Promise<void> {
  try {
    await keep()
  } catch (error) {
    const why =
      error instanceof KeydeskError ? error.message : `the system refused (${(error as NodeJS.ErrnoException).code})`
    tell(context, options, `warning: it is done and on record, but not noted on this workstation: ${escapeText(why)}`)
  }
}

type Followed = { readonly store: string; readonly storeId: string; readonly newest: Anchor }

/**
 * Follows another chain after its commit: saves its newest entry as the anchor, and makes the agent forget the old
 * chain.
 */
export async function followStore(
  context: Context,
  options: GlobalOptions,
  { store, storeId, newest }: Followed,
): Promise<void> {
  const { places, random } = context
  await warnUnlessDone(context, options, () => replaceAnchor(places, random, storeId, newest))
  const forgotten = await lockAgent(places, { store })
  if (forgotten.length > 0) tell(context, options, 'the agent has forgotten the keys of this store: keydesk unlock')
}
