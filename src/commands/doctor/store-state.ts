/**
 * Describes a store without any key.
 * - Whether it opens, is the store that was set up here, and is not older than its anchor.
 * - Its size and the free space of its disk.
 * - Whether the disk is a network share, because file locks are not reliable there.
 */
import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { encodeHex } from '../../crypto/bytes.ts'
import { KeydeskError, type Refusal } from '../../errors.ts'
import { requireStanding } from '../../store/chain-standing.ts'
import { openSqlite } from '../../store/sqlite/open.ts'
import type { WorkstationConfig } from '../../workstation/config.ts'

/**
 * `refusal` is the error that a command would get. If it is set, the other fields may be unknown, and are 0 or null.
 */
export type StoreState = {
  readonly refusal: Refusal | null
  readonly format: number
  readonly entries: number
  readonly bytes: number
  readonly freeBytes: number | null
  /** The kind of network share; null for a local disk. */
  readonly network: string | null
  /** The modification time of the file, by the file system's clock, in milliseconds since 1970. */
  readonly changedAt: number
  /** The number of the newest entry that this workstation has seen. */
  readonly anchorSeq: number | null
}

/** Waits longer than a commit takes. */
const BUSY_WITHIN_MS = 1_000
/** File system types of network shares, as in statfs(2) on Linux. */
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

/** Throws `damaged` if another store has replaced the one that was set up here. */
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
