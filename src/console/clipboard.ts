/**
 * Copies a value to the clipboard for 45 seconds, with the platform's own program.
 * - Terminal sequences (OSC 52) are not used: they would pass through every session in between.
 * - The value reaches the program by stdin only.
 * - A small shell clears the clipboard after 45 seconds, if the value is still there. The shell gets the value by stdin
 *   and keeps it in a variable that no other process sees.
 * - The shell holds no keys and ends by itself.
 */
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { platform } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Context } from '../context.ts'
import { KeydeskError } from '../errors.ts'

/** Programs and their arguments. They are constants of this file and contain no foreign text. */
export type Clipboard = {
  readonly copy: readonly string[]
  readonly paste: readonly string[]
  readonly clear: readonly string[]
}
type Offer = Clipboard & { readonly needs?: string }

export const CLEARED_AFTER_SECONDS = 45
const COPIED_WITHIN_MS = 5_000

const OFFERS: Readonly<Record<string, readonly Offer[]>> = {
  darwin: [{ copy: ['pbcopy'], paste: ['pbpaste'], clear: ['pbcopy'] }],
  linux: [
    { needs: 'WAYLAND_DISPLAY', copy: ['wl-copy'], paste: ['wl-paste', '-n'], clear: ['wl-copy', '--clear'] },
    {
      needs: 'DISPLAY',
      copy: ['xclip', '-selection', 'clipboard'],
      paste: ['xclip', '-selection', 'clipboard', '-o'],
      clear: ['xclip', '-selection', 'clipboard'],
    },
    { needs: 'DISPLAY', copy: ['xsel', '-b', '-i'], paste: ['xsel', '-b', '-o'], clear: ['xsel', '-b', '-c'] },
  ],
}

/** Throws `usage` if no clipboard program is found. Commands call this before they commit. */
export function findClipboard({ env }: Pick<Context, 'env'>): Clipboard {
  const offers = OFFERS[platform()] ?? []
  const found = offers.find(({ needs, copy, paste }) => {
    return (needs === undefined || env[needs]) && [copy, paste].every(([name = '']) => isInPath(env, name))
  })
  if (found !== undefined) return found
  const hint = 'nothing was done; at a Wayland desktop install wl-clipboard, at an X11 one xclip or xsel'
  throw new KeydeskError('usage', 'no-clipboard', 'there is no program here for the clipboard', hint)
}

function isInPath(env: Context['env'], name: string): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      // An empty or relative entry means the current directory, which could hold a foreign program.
      if (!directory.startsWith('/')) return false
      accessSync(join(directory, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * The script of the clearing shell: it waits, and clears the clipboard only if the value is still there. `[` is a
 * builtin of the shell, so the value is in no process list.
 */
const clearingScript = ({ paste, clear }: Clipboard, seconds: number): string =>
  `value=$(cat); sleep ${seconds}; [ "$(${paste.join(' ')} 2>/dev/null)" = "$value" ] && ${clear.join(' ')} </dev/null`

const FORWARDED = 'PATH HOME DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_RUNTIME_DIR LANG LC_ALL'

/**
 * Returns null if the value is copied and will be cleared. Otherwise returns the fault as text instead of throwing,
 * because the code is committed by now.
 */
export async function copyForAWhile(
  { env }: Pick<Context, 'env'>,
  clipboard: Clipboard,
  value: string,
  seconds = CLEARED_AFTER_SECONDS,
): Promise<string | null> {
  const { spawn, spawnSync } = await import('node:child_process')
  const names = FORWARDED.split(' ').filter((name) => env[name] !== undefined)
  const surroundings = { cwd: '/', env: Object.fromEntries(names.map((name) => [name, env[name]])) }
  const stdio: ('pipe' | 'ignore')[] = ['pipe', 'ignore', 'ignore']
  const [program = '', ...args] = clipboard.copy
  // SIGKILL, because a program that ignores other signals would block this call forever.
  const bounds = { timeout: COPIED_WITHIN_MS, killSignal: 'SIGKILL' } as const
  const copied = spawnSync(program, args, { ...surroundings, ...bounds, stdio, input: value })
  // A program that ends before it has read everything (EPIPE) has stored nothing, even if its exit status is 0.
  if (copied.status !== 0 || copied.error !== undefined)
    return `it could not be copied: ${program} ended with ${copied.status || 'an error'}`
  const script = clearingScript(clipboard, seconds)
  return leaveAlone(spawn('/bin/sh', ['-c', script], { ...surroundings, stdio, detached: true }), value)
}

/** Resolves after the shell has read the value. The shell then outlives this process. */
function leaveAlone(shell: ChildProcess, value: string): Promise<string | null> {
  return new Promise((resolve) => {
    shell.once('error', ({ message }) =>
      resolve(`it is copied, and stays there until something else is copied: ${message}`),
    )
    shell.stdin?.on('error', () => undefined)
    shell.stdin?.end(value, () => {
      shell.unref()
      resolve(null)
    })
  })
}
