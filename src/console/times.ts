/**
 * Writes a time: in the local zone for a person, in UTC for a script. Output for scripts is therefore the same on every
 * machine.
 */
import type { Context } from '../context.ts'
import { formatLocal, isoTime } from '../term/time.ts'

export function writeTime({ io }: Context, milliseconds: number): string {
  return io.stdoutIsTerminal ? formatLocal(milliseconds) : isoTime(milliseconds)
}

/** The same for a table cell. For a person it leaves out the zone, to save columns. */
export function writeTimeCell(context: Context, milliseconds: number): string {
  const time = writeTime(context, milliseconds)
  return context.io.stdoutIsTerminal ? time.slice(0, 'yyyy-mm-dd hh:mm'.length) : time
}
