/**
 * `keydesk store backup`: copies the store while other operators work.
 * - The audit entry is committed first, so that the copy holds it.
 * - The copy gets its name only after it was opened and proved to be a copy of this chain.
 */
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import { encodeHex } from '../../crypto/bytes.ts'
import type { Anchor } from '../../desk/anchor.ts'
import { decideBackup } from '../../desk/backup.ts'
import { requirePrivateParent } from '../../files/modes.ts'
import type { Site } from '../../session/keys.ts'
import { withDesk } from '../../session/open.ts'
import { backUpSqlite, requireNoFile } from '../../store/backup/copy.ts'
import { requireCopyOf } from '../../store/chain-standing.ts'
import { printAnswer } from '../../term/answer.ts'
import { renderFields } from '../../term/table.ts'

const HELP = `
The copy is sealed as the store is, and is no good without an operator's keys:
keep the workstation's config too (see docs/backup.md).

Example:
  keydesk store backup /mnt/backup/desk-2026-03-02.keydesk`

export function registerBackup(noun: Command, context: Context): void {
  const backup = noun
    .command('backup')
    .argument('<file>', 'a new file')
    .description('copy the store to a new file, while others work')
  backup
    .addHelpText('after', HELP)
    .action((file: string) => backUp(context, backup.optsWithGlobals<DeskGlobals>(), resolve(file)))
}

async function backUp(context: Context, options: DeskGlobals, file: string): Promise<void> {
  // Before the commit: a path that cannot be used leaves no entry.
  requireNoFile(file)
  requirePrivateParent(file, context.places.uid)
  const { seq, hash, bytes, auditSeq } = await withDesk(context, options, async (desk, site) => {
    const made = await desk.commit(async () => decideBackup(basename(file)))
    return { ...(await copyVerified(context, site, file, made)), auditSeq: made.seq }
  })
  await printAnswer(context.io, options, {
    json: { file, seq, hash, bytes, auditSeq },
    screen: () =>
      renderFields([
        ['File', file],
        ['Newest', `entry ${seq}`],
        ['Hash', hash],
        ['Bytes', String(bytes)],
      ]),
  })
}

/** Resolves to the copy's newest entry and its size in bytes. */
async function copyVerified(context: Context, { store }: Site, file: string, made: Anchor) {
  let newest: Anchor = made
  const bytes = await backUpSqlite(store, file, {
    uid: context.places.uid,
    token: encodeHex(context.random(4)),
    verify: async (copy) => {
      newest = await requireCopyOf(copy, made)
    },
  })
  return { ...newest, bytes }
}
