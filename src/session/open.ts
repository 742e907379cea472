/**
 * From a command line to an open desk. Read this folder from here, one file a rung:
 *   open → target → keys → login → passphrase, second-factor → anchor
 * - `perform`: the agent performs the operation. A command that only does this loads no key, no store and no cryptography.
 * - `withDesk`: the desk is opened in this process, with the agent's keys or with those that the passphrase opens.
 * - A passphrase that was typed serves the whole session. The agent's keys are asked for each time: it may have been locked meanwhile.
 */
import { performByAgent } from '../agent/work.ts'
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import { KeydeskError } from '../errors.ts'
import type { AnswerOf, Perform } from '../operations/index.ts'
import type { DeskKeys, DeskWork } from './keys.ts'
import { askAboutTarget, targetOf } from './target.ts'

export type Session = {
  /** Has an operation performed where the keys are. Throws the refusal, once it is on record. */
  readonly perform: Perform
  /** Opens the desk, runs `work` and closes it again. Throws `locked` when no keys can be had, `damaged` for a store that was put back. */
  readonly withDesk: <T>(work: DeskWork<T>) => Promise<T>
  /** Finds the keys now: throws what the first use would. */
  readonly findKeys: () => Promise<void>
}

/** `forgetAfterMs`: a typed passphrase is forgotten when the session lies idle for so long. */
export function openSession(
  context: Context,
  globals: DeskGlobals,
  { forgetAfterMs = Number.POSITIVE_INFINITY }: { readonly forgetAfterMs?: number } = {},
): Session {
  let typed: DeskKeys | null = null
  let usedAt = 0
  let performHere: import('./perform-in-process.ts').PerformInProcess | null = null

  async function keys(): Promise<DeskKeys> {
    if (typed !== null && context.clock() - usedAt > forgetAfterMs) typed = null
    const found = typed ?? (await (await import('./keys.ts')).findKeys(context, globals))
    if (found.login !== null) typed = found
    usedAt = context.clock()
    return found
  }

  async function withDesk<T>(work: DeskWork<T>): Promise<T> {
    // Imported late: a command whose work the agent does never gets here.
    const { withKeys } = await import('./keys.ts')
    return withKeys(context, globals, await keys(), work)
  }

  const perform: Perform = async (name, request) => {
    const outcome = typed === null ? await askAgent(context, globals, { name, request }) : null
    if (outcome !== null && 'refusal' in outcome) throw KeydeskError.of(outcome.refusal)
    // The agent is of the same version, and answers what the operation does.
    if (outcome !== null) return outcome.answer as AnswerOf<typeof name>
    performHere ??= (await import('./perform-in-process.ts')).createPerformer()
    const here = performHere
    return withDesk((desk) => here(desk, name, request))
  }

  return { perform, withDesk, findKeys: async () => void (await keys()) }
}

/** A session of one piece of work. */
export function withDesk<T>(context: Context, globals: DeskGlobals, work: DeskWork<T>): Promise<T> {
  return openSession(context, globals).withDesk(work)
}

/** Like `withDesk`, without the anchor: for a command that is to judge a store that was put back. */
export async function withAnyDesk<T>(context: Context, globals: DeskGlobals, work: DeskWork<T>): Promise<T> {
  const { findKeys, withAnyKeys } = await import('./keys.ts')
  return withAnyKeys(context, await findKeys(context, globals), work)
}

/** What the agent did or refused; null where it holds no such keys, and has done nothing. */
async function askAgent(context: Context, globals: DeskGlobals, work: { name: string; request: unknown }) {
  // A passphrase file that this command line names is used, whatever the agent holds.
  if (globals.passphraseFile !== undefined) return null
  return askAboutTarget(context, targetOf(context, globals), (places, which) => performByAgent(places, which, work))
}
