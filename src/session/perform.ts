/**
 * Has an operation performed: by the agent, which holds the keys and is warm, else here, once the passphrase opened them. A command that
 * asks the agent loads no key, no store and no cryptography.
 */

import { type Outcome, performByAgent } from '../agent/work.ts'
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import { KeydeskError } from '../errors.ts'
import type { AnswerOf, OperationName, Perform } from '../operations/index.ts'
import { findHeld, wantedBy } from './target.ts'

/** For one command: a passphrase that was typed serves all that it asks for. */
export function performer(context: Context, globals: DeskGlobals): Perform {
  let here: Perform | undefined
  return async (name, request) => {
    if (here === undefined) {
      const outcome = await askAgent(context, globals, name, request)
      if (outcome !== null && 'refusal' in outcome) throw KeydeskError.of(outcome.refusal)
      // The agent is of the same version, and answers what the operation does.
      if (outcome !== null) return outcome.answer as AnswerOf<typeof name>
      const { performerHere } = await import('./perform-in-process.ts')
      here = await performerHere(context, globals)
    }
    return here(name, request)
  }
}

/** What the agent did or refused; null where it holds no such keys, and has done nothing. */
export async function askAgent(
  context: Context,
  globals: DeskGlobals,
  name: OperationName,
  request: unknown,
): Promise<Outcome | null> {
  // A passphrase that stands on this command line is tried, whatever the agent holds.
  if (globals.passphraseFile !== undefined) return null
  const wanted = wantedBy(context, globals)
  return findHeld(context, wanted, (places, which) => performByAgent(places, which, { name, request }))
}
