/** The brushes of a command's screen, in the theme that this workstation prefers. */
import type { Context } from '../context.ts'
import type { GlobalOptions } from '../program.ts'
import { type Paint, paint, type Theme } from '../term/colour.ts'

export async function paintFor(
  context: Context,
  { color }: Pick<GlobalOptions, 'color'>,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<Paint> {
  const { io, env } = context
  const isTerminal = stream === 'stdout' ? io.stdoutIsTerminal : io.stderrIsTerminal
  // Not read for a pipe: where nothing is painted, nothing is preferred.
  const theme = isTerminal
    ? ((await import('./preferred.ts')).preferred(context, 'theme') as Theme | undefined)
    : undefined
  return paint(io, { color, theme }, env, stream)
}
