/**
 * Where keydesk keeps its files on each platform: the workstation's config, the desk's store, and the agent's socket.
 * All of them belong to the user. Only the socket's directory keeps other users away from the agent, so the user must
 * own it.
 */
import { statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { KeydeskError } from '../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

export type Places = {
  /** Numeric id of the user that keydesk runs as; null on platforms without one (Windows). */
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

/** Returns the value if it is an absolute path. The XDG specification says that relative ones are ignored. */
function absolute(value: string | undefined): string | undefined {
  return value?.startsWith('/') ? value : undefined
}

/**
 * Returns the home directory that the system knows. Throws `refused` if there is none. Files in the current directory
 * would get lost, and other users could read them.
 */
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

/**
 * Whether the directory belongs to another user. After `su`, XDG_RUNTIME_DIR still names that user's directory, but the
 * XDG specification demands our own.
 */
function isForeign(directory: string, uid: number | null): boolean {
  try {
    return statSync(directory).uid !== uid
  } catch {
    return false
  }
}
