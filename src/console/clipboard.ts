/**
 * The clipboard, by the platform's own program, and never by the terminal (OSC 52 would go through every session in between). A value goes there by
 * stdin alone. After 45 seconds it is taken away again if it is still ours: by a small shell, which is given the value by its stdin and
 * keeps it in a variable that no other process sees. It holds no keys, and ends by itself.
 */
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { platform } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Context } from '../context.ts'
import { KeydeskError } from '../errors.ts'

/** Programs and their arguments: our own words, never anybody else's. */
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

/** Throws `usage` where there is none: looked for before anything is done. */
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
      // An empty or relative entry would be whatever the current directory holds.
      if (!directory.startsWith('/')) return false
      accessSync(join(directory, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The clearing shell: waits, and empties the clipboard only if it still holds what it was given. `[` is the shell's own. */
const clearingScript = ({ paste, clear }: Clipboard, seconds: number): string =>
  `value=$(cat); sleep ${seconds}; [ "$(${paste.join(' ')} 2>/dev/null)" = "$value" ] && ${clear.join(' ')} </dev/null`

const FORWARDED = 'PATH HOME DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_RUNTIME_DIR LANG LC_ALL'

/** Null when it is there, and will be gone in time; else what went wrong, for by now the value is on record. */
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
  // SIGKILL, for a script that does not listen to another signal would be waited for without end.
  const bounds = { timeout: COPIED_WITHIN_MS, killSignal: 'SIGKILL' } as const
  const copied = spawnSync(program, args, { ...surroundings, ...bounds, stdio, input: value })
  // One that ends before it has read everything (EPIPE) has kept nothing, whatever it says.
  if (copied.status !== 0 || copied.error !== undefined)
    return `it could not be copied: ${program} ended with ${copied.status || 'an error'}`
  const script = clearingScript(clipboard, seconds)
  return leaveAlone(spawn('/bin/sh', ['-c', script], { ...surroundings, stdio, detached: true }), value)
}

/** Resolves once the shell has the value: it lives on by itself then. */
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
