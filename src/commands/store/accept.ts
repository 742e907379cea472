/**
 * `keydesk store accept`: accepts an older copy of the store, or another branch of it, as the current store. Other
 * commands refuse such a store and say what is missing. This command repeats that before it asks, and the accepted loss
 * has an audit entry.
 */
import type { Command } from 'commander'
import { confirmOr } from '../../console/consent.ts'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { type AcceptRequest, decideAccept, refuseStanding } from '../../desk/anchor.ts'
import { KeydeskError } from '../../errors.ts'
import { agentsAnchorOf, followStore } from '../../session/anchor.ts'
import type { Site } from '../../session/keys.ts'
import { withAnyDesk } from '../../session/open.ts'
import { findStanding } from '../../store/chain-standing.ts'
import { printAnswer } from '../../term/answer.ts'
import { checkName, escapeText } from '../../term/escape.ts'

type AcceptOptions = DeskGlobals & { readonly reason?: string; readonly yes?: boolean }

const QUESTION = 'Go on with this store, and take what is missing for lost?'

export function registerAccept(noun: Command, context: Context): void {
  const accept = noun.command('accept').description('go on with an older or another copy of the store (admin)')
  accept
    .option('--reason <text>', 'why, for the record')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  keydesk store accept --reason "disk failed, backup of Friday"')
    .action(() => acceptStore(context, accept.optsWithGlobals<AcceptOptions>()))
}

async function acceptStore(context: Context, options: AcceptOptions): Promise<void> {
  const reason = options.reason === undefined ? null : checkName(options.reason, 'reason')
  const { request, seq, hash, storeId, store } = await withAnyDesk(context, options, async (desk, site) => {
    const request = { ...(await compareStore(context, options, site)), reason }
    await confirmOr(context, options, QUESTION)
    const made = await desk.commit(async (_, now) => decideAccept(request, { now, operator: desk.me }))
    return { request, ...made, ...site }
  })
  await followStore(context, options, { store, storeId, newest: { seq, hash } })
  const { expected, found } = request
  await printAnswer(context.io, options, {
    json: {
      store,
      expectedSeq: expected.seq,
      foundSeq: found.seq,
      standing: request.standing,
      seq,
      hash,
      auditSeq: seq,
    },
    screen: () => `Accepted ${escapeText(store)} as it is, up to entry ${found.seq}; this is entry ${seq}.\n`,
  })
}

/** Throws `refused` if the store is neither older nor forked. */
async function compareStore(
  context: Context,
  options: AcceptOptions,
  { engine, storeId }: Site,
): Promise<Omit<AcceptRequest, 'reason'>> {
  const expected = await agentsAnchorOf(context, options, storeId).read()
  if (expected === null) throw nothingToAccept()
  const { standing, found } = await engine.read((snapshot) => findStanding(snapshot, expected))
  const refusal = refuseStanding(standing, expected, found)
  if (refusal === null) throw nothingToAccept()
  tell(context, options, refusal.message)
  return { standing, expected, found }
}

function nothingToAccept(): KeydeskError {
  return new KeydeskError(
    'refused',
    'nothing-to-accept',
    'the store is as it was last used here, or newer: nothing is to be accepted',
  )
}
