/**
 * `keydesk`: process → main → exit code. It also starts the agent, which is this program again with one hidden
 * argument.
 */

import { systemContext } from '../src/context.ts'
import { main } from '../src/program/keydesk.ts'

const AGENT = '__agent'
/**
 * The only environment variables that the agent gets from its starter: they tell where its socket is.
 * NODE_OPTIONS is not among them: it could open an inspector on the process that holds the keys.
 * The agent needs no other variable, and would keep it as long as it runs.
 */
const AGENT_ENVIRONMENT =
  'HOME PATH LD_LIBRARY_PATH TMPDIR XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR XDG_CACHE_HOME ' +
  'LOCALAPPDATA SystemRoot TEMP TMP USERNAME USERPROFILE'

// SIGUSR1 would open Node's inspector on a process that holds keys.
process.on('SIGUSR1', () => undefined)
// Files that this process or a library creates are accessible to its user only, whatever umask the shell has.
process.umask(0o077)

/**
 * The memory of a process that holds keys must not be written into a core file. The shell sets that limit, because Node
 * cannot.
 */
const WITHOUT_CORE = ['/bin/sh', '-c', 'ulimit -c 0; exec "$@"', 'keydesk']

/** Starts the agent in the background. Resolves when the agent listens, and rejects when it ends before that. */
async function launchAgent(): Promise<void> {
  const { spawn } = await import('node:child_process')
  const names = AGENT_ENVIRONMENT.split(' ').filter((name) => process.env[name] !== undefined)
  // By default V8 lets the garbage of a large fleet's names grow to 96 MB before it collects it. A smaller limit is as
  // fast.
  const agent = [process.execPath, '--max-semi-space-size=8', process.argv[1] as string, AGENT]
  const [file, ...args] = (process.platform === 'win32' ? agent : [...WITHOUT_CORE, ...agent]) as [string, ...string[]]
  const child = spawn(file, args, {
    cwd: '/',
    detached: true,
    env: Object.fromEntries(names.map((name) => [name, process.env[name]])),
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => reject(new Error('the agent ended')))
    child.stdout.once('data', () => {
      child.removeAllListeners()
      child.stdout.destroy()
      child.unref()
      resolve()
    })
  })
}

async function run(argv: string[]): Promise<void> {
  const context = systemContext(launchAgent)
  if (argv[0] !== AGENT) {
    process.exitCode = await main(argv, context)
    return
  }
  const { serveAgent } = await import('../src/agent/server.ts')
  const { agentOptions, readingAhead } = await import('../src/agent/performer.ts')
  await serveAgent(context.places, context.clock, readingAhead(agentOptions(context)))
  process.stdout.write('ready\n')
}

void run(process.argv.slice(2))
