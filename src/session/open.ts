/**
 * Opens a desk for a command line. This is the first file to read in this folder. The order of the steps is:
 *   open → target → keys → login → passphrase, second-factor → anchor
 * - `perform`: the agent performs the operation. Such a command loads no key, no store and no cryptography.
 * - `withDesk`: this process opens the desk, with keys from the agent or from the passphrase.
 * - A typed passphrase is cached for the whole session. The agent is asked for its keys each time, because it may have
 *   been locked meanwhile.
 */
import { performByAgent } from '../agent/work.ts'
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import { KeydeskError } from '../errors.ts'
import type { AnswerOf, Perform } from '../operations/index.ts'
import type { DeskKeys, DeskWork } from './keys.ts'
import { askAboutTarget, targetOf } from './target.ts'

export type Session = {
  /** Performs an operation in the agent or in this process. Throws the refusal after its audit entry is committed. */
  readonly perform: Perform
  /**
   * Opens the desk, runs `work` and closes the desk. Throws `locked` if there are no keys, and `damaged` for a store
   * that is forked or older than its anchor.
   */
  readonly withDesk: <T>(work: DeskWork<T>) => Promise<T>
  /** Finds the keys now. Throws the errors that the first use would throw. */
  readonly findKeys: () => Promise<void>
}

/** `forgetAfterMs`: a typed passphrase is forgotten after this time without use. */
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
    // Imported late: a command that the agent performs never needs it.
    const { withKeys } = await import('./keys.ts')
    return withKeys(context, globals, await keys(), work)
  }

  const perform: Perform = async (name, request) => {
    const outcome = typed === null ? await askAgent(context, globals, { name, request }) : null
    if (outcome !== null && 'refusal' in outcome) throw KeydeskError.of(outcome.refusal)
    // The agent has the same version, so its answer has the type of the operation.
    if (outcome !== null) return outcome.answer as AnswerOf<typeof name>
    performHere ??= (await import('./perform-in-process.ts')).createPerformer()
    const here = performHere
    return withDesk((desk) => here(desk, name, request))
  }

  return { perform, withDesk, findKeys: async () => void (await keys()) }
}

/** Opens a session for a single `work`. */
export function withDesk<T>(context: Context, globals: DeskGlobals, work: DeskWork<T>): Promise<T> {
  return openSession(context, globals).withDesk(work)
}

/** Like `withDesk`, but without the anchor: for commands that judge an older or forked store. */
export async function withAnyDesk<T>(context: Context, globals: DeskGlobals, work: DeskWork<T>): Promise<T> {
  const { findKeys, withAnyKeys } = await import('./keys.ts')
  return withAnyKeys(context, await findKeys(context, globals), work)
}

/** The agent's answer or refusal. Null if the agent holds no keys for this store; it has done nothing then. */
async function askAgent(context: Context, globals: DeskGlobals, work: { name: string; request: unknown }) {
  // A --passphrase-file on the command line is used even if the agent holds keys.
  if (globals.passphraseFile !== undefined) return null
  return askAboutTarget(context, targetOf(context, globals), (places, which) => performByAgent(places, which, work))
}
