/** `keydesk`: process → main → exit code. Also starts the agent, which is this program again with one hidden word. */

import { systemContext } from '../src/context.ts'
import { main } from '../src/program/keydesk.ts'

const AGENT = '__agent'
/**
 * All that the agent is told of its starter's environment: where its socket is. NODE_OPTIONS could open an inspector on
 * the process that holds the keys; what else is there is none of its business, and would live as long as it does.
 */
const AGENT_ENVIRONMENT =
  'HOME PATH LD_LIBRARY_PATH TMPDIR XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR XDG_CACHE_HOME ' +
  'LOCALAPPDATA SystemRoot TEMP TMP USERNAME USERPROFILE'

// SIGUSR1 would open Node's inspector on a process that holds keys.
process.on('SIGUSR1', () => undefined)
// Whatever a program or a library creates is its user's alone, however careless the shell.
process.umask(0o077)

/** The shell sets the limit, for Node cannot: the memory of a process that holds keys is not to be written into a core file. */
const WITHOUT_CORE = ['/bin/sh', '-c', 'ulimit -c 0; exec "$@"', 'keydesk']

/** Starts the agent in the background; resolves when it listens. */
async function launchAgent(): Promise<void> {
  const { spawn } = await import('node:child_process')
  const names = AGENT_ENVIRONMENT.split(' ').filter((name) => process.env[name] !== undefined)
  // V8 would let the garbage of a large fleet's names grow to 96 MB before it looks at it; it is as fast with less.
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
