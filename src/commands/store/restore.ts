/**
 * `keydesk store restore`: replaces the store, or what is left of it, with a backup.
 * - The backup is copied beside the store, and every fault of the backup is found on that copy.
 * - The audit entry of the restore is written into the copy.
 * - Then the copy replaces the store in one step.
 */
import { basename, dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { confirmOr } from '../../console/consent.ts'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { encodeHex } from '../../crypto/bytes.ts'
import type { Anchor } from '../../desk/anchor.ts'
import { countGivenUp, decideRestore, type RestoreRequest } from '../../desk/backup.ts'
import { KeydeskError } from '../../errors.ts'
import { makePrivateDirectory, requirePrivateParent } from '../../files/modes.ts'
import { followStore } from '../../session/anchor.ts'
import { type DeskKeys, findKeys } from '../../session/keys.ts'
import { requireFactor } from '../../session/second-factor.ts'
import { copySqlite, draftBeside, lookInto, removeDraft } from '../../store/backup/copy.ts'
import { nameBefore, realPlace, swapStore } from '../../store/backup/swap.ts'
import { requireLinks } from '../../store/chain-standing.ts'
import { openDesk } from '../../store/desk.ts'
import { openSqlite } from '../../store/sqlite/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { isoTime } from '../../term/time.ts'
import { findLost, openCurrent, type Present, requireUnchanged } from './current.ts'
import { checkBackup, describeLoss } from './loss.ts'

type RestoreOptions = DeskGlobals & { readonly yes?: boolean }

const HELP = `
The store that is there, damaged or not, is kept beside it under another name.

Example:
  keydesk store restore /mnt/backup/desk-2026-03-02.keydesk`

export function registerRestore(noun: Command, context: Context): void {
  const restore = noun
    .command('restore')
    .argument('<file>', 'the backup')
    .description('put a backup in the place of the store')
  restore
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', HELP)
    .action((file: string) => restoreStore(context, restore.optsWithGlobals<RestoreOptions>(), resolve(file)))
}

async function restoreStore(context: Context, options: RestoreOptions, file: string): Promise<void> {
  const { uid } = context.places
  const storeId = await checkBackup(context, options, file)
  const found = await findKeys(context, options, storeId)
  const path = realPlace(found.store)
  makePrivateDirectory(dirname(path))
  requirePrivateParent(path, uid)
  const draft = draftBeside(path, encodeHex(context.random(4)))
  const present = await openCurrent(context, found)
  try {
    copySqlite(file, draft)
    const restored = await settle(context, options, { file, draft, path, found, present })
    await followStore(context, options, { store: found.store, storeId, newest: restored.made })
    await showRestored(context, options, { store: found.store, file, ...restored })
  } finally {
    await present.engine?.close()
    removeDraft(draft)
  }
}

type Task = {
  readonly file: string
  readonly draft: string
  readonly path: string
  readonly found: DeskKeys
  readonly present: Present
}

/** Examines both stores, asks, commits the restore to the copy, and exchanges the files. */
async function settle(context: Context, options: RestoreOptions, task: Task) {
  const { file, draft, path, found, present } = task
  const { backup, lost } = await lookInto(draft, { uid: context.places.uid }, async (snapshot) => ({
    backup: await requireLinks(snapshot),
    lost: await findLost(context, options, present, snapshot, found.storeId),
  }))
  const request = { file: basename(file), backup, seen: lost.seen, current: present.current }
  describeLoss(request, lost).forEach((line) => void tell(context, options, line))
  await confirmOr(context, options, `Put the backup of entry ${backup.seq} in the place of the store?`)
  const made = await writeRestore(context, task, request)
  const before = await swapStore(path, {
    draft,
    before: nameBefore(path, isoTime(context.clock())),
    check: () => requireUnchanged(path, present, lost.newest),
  })
  return { made, before, fromSeq: backup.seq, givenUp: countGivenUp(lost.seen) }
}

/**
 * Decides by the operator's role in the current store, and writes the entry into the copy. A refusal is committed to
 * the current store if that store can be written.
 */
async function writeRestore(
  context: Context,
  { draft, found, present }: Task,
  request: RestoreRequest,
): Promise<Anchor> {
  const { clock, random, places } = context
  const engine = openSqlite(draft, { uid: places.uid })
  try {
    const copy = await openDesk(engine, found.keys, { clock, random }, { opened: found.opened })
    // As in every other command: if a second factor is required, the passphrase alone is not enough.
    const gate = present.desk ?? copy
    if (found.login !== null) await requireFactor(gate, found.login, gate.roster.roster.policy)
    const decide = async (_: unknown, now: number) =>
      decideRestore(request, { now, operator: present.desk?.me ?? copy.me })
    const decision = await decide(null, clock())
    if ('refusal' in decision) {
      await present.desk?.commit(decide)
      throw KeydeskError.of(decision.refusal)
    }
    const { seq, hash } = await copy.commit(decide)
    return { seq, hash }
  } finally {
    await engine.close()
  }
}

type Restored = Awaited<ReturnType<typeof settle>> & { readonly store: string; readonly file: string }

async function showRestored(context: Context, options: RestoreOptions, restored: Restored): Promise<void> {
  const { store, file, fromSeq, givenUp, before, made } = restored
  const kept = before === null ? '' : `What was there is now ${escapeText(before)}.\n`
  await printAnswer(context.io, options, {
    json: { store, file, fromSeq, givenUp, before, seq: made.seq, hash: made.hash, auditSeq: made.seq },
    screen: () =>
      `Restored ${escapeText(store)} from ${escapeText(file)}, up to entry ${fromSeq}; this is entry ${made.seq}.\n${kept}`,
  })
}
