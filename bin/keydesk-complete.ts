/**
 * `keydesk complete` starts this program instead of `keydesk` itself, because TAB must answer without a noticeable
 * wait. The build puts the table of commands into it.
 */
import type { CommandFact } from '../src/completion/command-table.ts'
import { complete } from '../src/completion/complete.ts'
import { namesOfAgent } from '../src/completion/desk-names.ts'
import { writeWhole } from '../src/term/streams.ts'
import { systemPlaces } from '../src/workstation/places.ts'

declare const COMMAND_TABLE: string

async function run(argv: readonly string[]): Promise<void> {
  const places = () => systemPlaces(process.platform, process.env, process.getuid?.() ?? null)
  const programs = JSON.parse(COMMAND_TABLE) as CommandFact[]
  writeWhole(1, Buffer.from(await complete(argv, programs, namesOfAgent(places, process.env))))
}

void run(process.argv.slice(3))
