/**
 * The options that filter a listing of the audit log. They are apart from the listing itself, because `reset history`
 * takes them too and the other `reset` commands must not load the listing.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { parseCount } from '../../console/options.ts'

export type ListingOptions = DeskGlobals & {
  readonly device?: string
  readonly user?: string
  readonly by?: string
  readonly action?: string
  readonly outcome?: string
  readonly since?: string
  readonly until?: string
  readonly limit?: number
  readonly follow?: boolean
  readonly ndjson?: boolean
}

export function registerListing(command: Command): Command {
  return command
    .option('--since <time>', 'only from then on: a date, a time, or a span back such as 2h or 7d')
    .option('--until <time>', 'only up to then')
    .option('--outcome <outcome>', 'only these: ok, a reason such as old-epoch, or refused for all reasons')
    .option('--limit <n>', 'only the newest so many', parseCount)
    .option('--follow', 'go on with new entries as they come, until Ctrl-C')
    .option('--ndjson', 'one JSON document a line')
}
