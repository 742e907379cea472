/** Reads the health of the store: the number of entries, and the times of the newest entry and of the last backup. */
import type { Desk } from '../store/desk.ts'
import type { Operation } from './operation.ts'

/** Only this many of the newest entries are read, because somebody may be on a call meanwhile. */
const LOOKED_AT = 5_000

export type HealthRequest = Readonly<Record<string, never>>
/** Times are milliseconds since 1970. `backupAt` is null if the entries that were read contain no successful backup. */
export type HealthAnswer = { readonly entries: number; readonly newestAt: number; readonly backupAt: number | null }

export const readHealth: Operation<HealthRequest, HealthAnswer> = {
  accepts: (request): request is HealthRequest => typeof request === 'object' && request !== null,
  perform: (desk: Desk) =>
    desk.inspect(async ({ snapshot, records: openRecords }) => {
      const records = await openRecords()
      const entries = (await snapshot.lastEntry())?.seq ?? 0
      let backupAt: number | null = null
      for await (const { action, at, outcome } of records.entries(Math.max(0, entries - LOOKED_AT)))
        if (action === 'store.backup' && outcome === 'ok') backupAt = at
      return { entries, newestAt: await records.newestAt(), backupAt }
    }),
}
