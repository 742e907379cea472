/**
 * When something was: by this machine's clock and zone for a person, in UTC for a script, so that its output is the
 * same everywhere.
 */
import type { Context } from '../context.ts'
import { formatLocal, isoTime } from '../term/time.ts'

export function writeTime({ io }: Context, milliseconds: number): string {
  return io.stdoutIsTerminal ? formatLocal(milliseconds) : isoTime(milliseconds)
}

/** The same in a table, where each column counts: without the zone for a person, who knows it. */
export function writeTimeCell(context: Context, milliseconds: number): string {
  const time = writeTime(context, milliseconds)
  return context.io.stdoutIsTerminal ? time.slice(0, 'yyyy-mm-dd hh:mm'.length) : time
}
