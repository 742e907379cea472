/**
 * The brushes of a command's screen, in the preferred theme. A fault in the preferences never hides a committed answer.
 */
import type { Context } from '../context.ts'
import { describeError } from '../errors.ts'
import { type Paint, paint, type Theme } from '../term/colour.ts'
import { escapeText } from '../term/escape.ts'
import type { GlobalOptions } from './globals.ts'
import { tell } from './input.ts'

export async function paintFor(
  context: Context,
  options: GlobalOptions,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<Paint> {
  const { io, env } = context
  const isTerminal = stream === 'stdout' ? io.stdoutIsTerminal : io.stderrIsTerminal
  // A pipe gets no colours, so the preferences are not read.
  const theme = isTerminal ? await preferredTheme(context, options) : undefined
  return paint(io, { color: options.color, theme }, env, stream)
}

/**
 * The preferred theme. An unreadable preferences file causes a warning, not an error: a confirmed code must still
 * appear.
 */
async function preferredTheme(context: Context, options: GlobalOptions): Promise<Theme | undefined> {
  const { preferred } = await import('./preferred.ts')
  try {
    return preferred(context, 'theme') as Theme | undefined
  } catch (error) {
    const { message, hint } = describeError(error)
    tell(
      context,
      options,
      escapeText(`warning: the preferred theme was not read: ${message}${hint ? `; ${hint}` : ''}`),
    )
    return undefined
  }
}
