/**
 * `keydesk store rekey`: seals the whole store under new keys, in one commit. For regular rotation, or if a key may be
 * compromised.
 */
import type { Command } from 'commander'
import { confirmOr } from '../../console/consent.ts'
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import { decideRekey } from '../../desk/operator.ts'
import { withDesk } from '../../session/open.ts'
import { drawSectionKeys } from '../../store/keyring.ts'
import { printAnswer } from '../../term/answer.ts'

type RekeyOptions = DeskGlobals & { readonly yes?: boolean }

export function registerRekey(command: Command, context: Context): void {
  command
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      '\nOthers wait while it runs: some seconds for each 50,000 devices.\n\nExample:\n  keydesk store rekey --yes',
    )
    .action(() => rekeyStore(context, command.optsWithGlobals<RekeyOptions>()))
}

async function rekeyStore(context: Context, options: RekeyOptions): Promise<void> {
  const fresh = drawSectionKeys(context.random)
  const { seq, generation } = await withDesk(context, options, async (desk) => {
    await confirmOr(context, options, 'Draw new keys, and seal everything anew?')
    const generation = desk.roster.roster.keys.length + 1
    return { ...(await desk.commit(async (_, now) => decideRekey(fresh, { now, operator: desk.me }))), generation }
  })
  await printAnswer(context.io, options, {
    json: { generation, auditSeq: seq },
    screen: () => `Everything is sealed under new keys, of generation ${generation}.\n`,
  })
}
