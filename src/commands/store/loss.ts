/**
 * Checks a backup before it is restored: it must be a backup of this store. Describes the entries that restoring loses.
 */
import { existsSync, realpathSync } from 'node:fs'
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import { encodeHex } from '../../crypto/bytes.ts'
import { countGivenUp, type RestoreRequest } from '../../desk/backup.ts'
import { KeydeskError } from '../../errors.ts'
import { readConfig, targetOf } from '../../session/target.ts'
import { lookInto } from '../../store/backup/copy.ts'
import { escapeText } from '../../term/escape.ts'
import { isoTime } from '../../term/time.ts'
import type { Lost } from './current.ts'

/**
 * Returns the id of the store in the backup. Throws `notfound` if the file is missing. Throws `damaged` if the file is
 * damaged, or is a backup of another store than the one set up at this path.
 */
export async function checkBackup(context: Context, options: DeskGlobals, file: string): Promise<string> {
  if (!existsSync(file))
    throw new KeydeskError('notfound', 'no-backup', `there is no file at ${file}`, 'check the name of the backup')
  const storeId = await readStoreId(context, file)
  const { defaultStore, logins } = await readConfig(context)
  const store = targetOf(context, options).store ?? defaultStore
  const here = logins.filter((login) => login.store === store)
  if (store !== null && existsSync(store) && realpathSync(store) === realpathSync(file))
    throw new KeydeskError('usage', 'same-file', `${file} is the store itself`, 'name the file of a backup')
  // If no store is set up at this path, the search for a login throws a better error.
  if (here.length === 0 || here.some((login) => login.storeId === storeId)) return storeId
  const hint = 'name the store that it belongs to: --store PATH'
  throw new KeydeskError('damaged', 'other-store', `${file} is a backup of another store than ${store}`, hint)
}

async function readStoreId(context: Context, file: string): Promise<string> {
  try {
    return await lookInto(file, { uid: context.places.uid }, async (snapshot) => encodeHex(snapshot.storeId))
  } catch (error) {
    if (!(error instanceof KeydeskError) || error.refusal.kind !== 'damaged') throw error
    throw KeydeskError.of({ ...error.refusal, reason: 'damaged-backup', hint: 'take another backup' })
  }
}

/** One line per fact. */
export function describeLoss({ backup, current, seen }: RestoreRequest, { entries }: Lost): string[] {
  const count = countGivenUp(seen)
  const state = current === 'whole' ? [] : [`the store is ${current}`]
  if (count === null) return [...state, 'how many entries are newer than the backup is not known here']
  if (count === 0) return [...state, 'the backup has all entries that are known here']
  const known = Math.max(...seen.map(({ newest }) => newest.seq))
  const heading = `${count} ${count === 1 ? 'entry' : 'entries'} would be given up; the backup ends at ${backup.seq}, the newest known is ${known}`
  return [...state, heading, ...entries.map((entry) => `  ${describeEntry(entry)}`)]
}

function describeEntry({ seq, at, operator, action, subject, outcome }: Lost['entries'][number]): string {
  const what = subject === null ? action : `${action} ${subject.name}`
  return escapeText(`${seq} ${isoTime(at)} ${operator}: ${what} (${outcome})`)
}
