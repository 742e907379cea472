/**
 * Where keydesk keeps its files on each platform: the workstation's config, the desk's store, and the agent's socket. All are
 * the user's own; the socket's directory is the one thing that keeps other users from the agent, so it must be.
 */
import { statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { KeydeskError } from '../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

export type Places = {
  /** Numeric id of the user we run as; null where there is none (Windows). */
  readonly uid: number | null
  /** Directory of the workstation's conf file and its key. */
  readonly config: string
  /** The desk's store, unless --store or KEYDESK_STORE names another. */
  readonly store: string
  /** Directory of the agent's socket, mode 0700; null where the socket is a named pipe. */
  readonly runtime: string | null
  /** Path of the agent's socket, or name of its pipe. */
  readonly socket: string
}

/** An environment variable that holds an absolute path; the XDG specification has relative ones ignored. */
function absolute(value: string | undefined): string | undefined {
  return value?.startsWith('/') ? value : undefined
}

/** Throws `refused` where the system knows no home directory either: files that land in the current one are lost and open to others. */
function findHome(): string {
  try {
    return userInfo().homedir
  } catch {
    const hint = 'set HOME to a directory of yours'
    throw new KeydeskError('refused', 'no-home', 'there is no home directory to keep anything in', hint)
  }
}

export function systemPlaces(platform: NodeJS.Platform, env: Environment, uid: number | null): Places {
  if (platform === 'win32') {
    const home = env['USERPROFILE'] ?? findHome()
    const local = env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local')
    const owner = encodeURIComponent(env['USERNAME'] ?? 'user')
    const config = join(local, 'keydesk')
    return { uid, config, store: join(config, 'desk.keydesk'), runtime: null, socket: `\\\\.\\pipe\\keydesk-${owner}` }
  }
  const home = absolute(env['HOME']) ?? findHome()
  const library = join(home, 'Library', 'Application Support', 'keydesk')
  const mac = platform === 'darwin'
  const config = mac ? library : join(absolute(env['XDG_CONFIG_HOME']) ?? join(home, '.config'), 'keydesk')
  const data = mac ? library : join(absolute(env['XDG_DATA_HOME']) ?? join(home, '.local', 'share'), 'keydesk')
  const session = absolute(env['XDG_RUNTIME_DIR'])
  const ours = session !== undefined && !isForeign(session, uid)
  const runtime = ours ? join(session, 'keydesk') : join(absolute(env['TMPDIR']) ?? '/tmp', `keydesk-${uid}`)
  return { uid, config, store: join(data, 'desk.keydesk'), runtime, socket: join(runtime, 'agent.sock') }
}

/** After `su` the variable still names the other user's directory, which the XDG specification says must be our own. */
function isForeign(directory: string, uid: number | null): boolean {
  try {
    return statSync(directory).uid !== uid
  } catch {
    return false
  }
}
