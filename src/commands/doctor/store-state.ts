/**
 * A store as it can be judged from outside, with no key: whether it opens, is the one that is meant and not older than it was seen here, how much
 * room it has, and whether its disk is a network's, whose locks cannot be relied on.
 */
import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { encodeHex } from '../../crypto/bytes.ts'
import { KeydeskError, type Refusal } from '../../errors.ts'
import { requireStanding } from '../../store/chain-standing.ts'
import { openSqlite } from '../../store/sqlite/open.ts'
import type { WorkstationConfig } from '../../workstation/config.ts'

/** `refusal` is what a command would meet; then the rest may be unknown, and is 0. */
export type StoreState = {
  readonly refusal: Refusal | null
  readonly format: number
  readonly entries: number
  readonly bytes: number
  readonly freeBytes: number | null
  /** The kind of network share; null for a local disk. */
  readonly network: string | null
  /** When the file was last changed, by the file system's clock. */
  readonly changedAt: number
  /** The newest entry that was seen here. */
  readonly anchorSeq: number | null
}

/** Longer than a commit takes. */
const BUSY_WITHIN_MS = 1_000
/** statfs(2) on Linux. */
const NETWORKS: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  1397113167: 'AFS',
  16914839: '9p',
}
const UNKNOWN = { format: 0, entries: 0, bytes: 0, changedAt: 0, anchorSeq: null }

export async function describeStore(
  path: string,
  uid: number | null,
  config: WorkstationConfig | null,
): Promise<StoreState> {
  const disk = describeDisk(dirname(path))
  try {
    const opened = await openState(path, uid, config)
    return { refusal: null, ...disk, ...opened, changedAt: statSync(path).mtimeMs }
  } catch (error) {
    if (!(error instanceof KeydeskError)) throw error
    return { ...UNKNOWN, ...disk, refusal: error.refusal }
  }
}

async function openState(path: string, uid: number | null, config: WorkstationConfig | null) {
  const isOurs = config?.logins.some(({ store }) => store === path) ?? false
  if (isOurs && !existsSync(path)) {
    const hint = 'put the file back, or a backup: keydesk store restore FILE'
    throw new KeydeskError('notfound', 'no-store', `the store is not at ${path} any more`, hint)
  }
  const engine = openSqlite(path, { uid, busyTimeoutMs: BUSY_WITHIN_MS })
  try {
    return await engine.read(async (snapshot) => {
      const storeId = encodeHex(snapshot.storeId)
      requireMeant(path, storeId, config)
      const anchor = config?.anchors[storeId] ?? null
      await requireStanding(snapshot, anchor)
      const { format, bytes } = await snapshot.describeKeeping()
      return { format, bytes, entries: (await snapshot.lastEntry())?.seq ?? 0, anchorSeq: anchor?.seq ?? null }
    })
  } finally {
    await engine.close()
  }
}

/** Another file may have taken the place of the store that was set up here. */
function requireMeant(path: string, storeId: string, config: WorkstationConfig | null): void {
  const logins = config?.logins.filter(({ store }) => store === path) ?? []
  if (logins.length === 0 || logins.some((login) => login.storeId === storeId)) return
  const hint = 'put the file back, or a backup: keydesk store restore FILE'
  throw new KeydeskError('damaged', 'other-store', `${path} is not the store that was set up here`, hint)
}

function describeDisk(directory: string): Pick<StoreState, 'freeBytes' | 'network'> {
  if (!existsSync(directory)) return { freeBytes: null, network: null }
  const { type, bavail, bsize } = statfsSync(directory)
  return { freeBytes: bavail * bsize, network: NETWORKS[type >>> 0] ?? null }
}
