/**
 * The world in which a transcript runs: an empty home directory, a real store, a real agent, a seeded random generator,
 * and a clock that stands still, in UTC. Beside the two programs it has a few real shell tools, and these commands:
 *
 *     jq -r .field FILE          prints a field of a JSON file
 *     printf 'a;b\\n' > file     writes a file of several lines
 *     tail -n 1 file             prints its last line; $(head -n 1 file) inserts its first into a command line
 *     forged=$(forge $code)      a reset code with the same tag and epoch that no device ever showed
 *     code=$(app $key +2)        the code that an authenticator app shows two steps from now; `wrong` for a wrong code
 *     pin=$(mailed mail.eml)     the PIN in a mail draft
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agentOptions } from '../src/agent/performer.ts'
import { type Agent, serveAgent } from '../src/agent/server.ts'
import { decodeSpoken, encodeSpoken, type ResetCode } from '../src/crypto/spoken.ts'
import { main as keydesk } from '../src/program/keydesk.ts'
import { main as keydeskDevice } from '../src/program/keydesk-device.ts'
import { parseDuration } from '../src/term/time.ts'
import { showCode, showNoCode } from './authenticator.ts'
import { type Answer, CTRL_C, createHome, type FakeContext, fakeContext, inShell, MONDAY_MS } from './fake-context.ts'
import { readBody } from './mail/reader.ts'
import { fillVariables, type Line, readLine, readPairs } from './transcript-shell.ts'

/** Terminals show local time. Without this, the machine's own zone would show in a transcript. */
process.env['TZ'] = 'UTC'

export type World = {
  readonly home: string
  /** Whether lines of stderr are marked with `! `. */
  readonly marked: boolean
  readonly variables: Map<string, string>
  readonly env: Record<string, string>
  readonly agents: Agent[]
  /** Number of programs run so far. It is part of the seed, so each run draws other bytes. */
  runs: number
  nowMs: number
  /** Width of the terminal; null for a pipe. */
  columns: number | null
}
type Said = { readonly stdout: string; readonly lines: readonly string[] }

const TOOLS = ['chmod', 'cp', 'mkdir', 'mv', 'rm']
/** The programs, and the options and verbs whose value is a file: that file is looked for in the world's home. */
const PROGRAMS = {
  keydesk: {
    main: keydesk,
    fileOptions: [
      ...[
        '--passphrase-file',
        '--new-passphrase-file',
        '--store',
        '--out',
        '--against',
        '--qr',
        '--email',
        '--password-file',
        '--batch',
      ],
      ...['import', '--provisioning'],
    ],
  },
  'keydesk-device': {
    main: keydeskDevice,
    fileOptions: ['--state', '--code-file', '--password-file', '--new-password-file'],
  },
}

export function createWorld({ marked }: { marked: boolean }): World {
  const start = { runs: 0, nowMs: MONDAY_MS, columns: null }
  // The programs set the same umask for themselves.
  process.umask(0o077)
  return { home: createHome(), marked, variables: new Map(), env: {}, agents: [], ...start }
}

export function closeWorld({ agents }: World): void {
  for (const agent of agents) agent.close()
}

export function passTime(world: World, by: string): void {
  world.nowMs += (by.startsWith('-') ? -1 : 1) * parseDuration(by.slice(1)) * 1000
}

/** Runs one line. Resolves to the lines that it showed, with `[exit N]` last unless N is 0. */
export async function runLine(world: World, text: string, typed: readonly string[]): Promise<string[]> {
  const line = readLine(fillFirstLines(world, text), world.variables)
  const { file, variable } = line
  const { stdout, lines } = await runCommand(world, line, typed)
  if (file !== null) writeFileSync(join(world.home, file), stdout, { mode: 0o600 })
  if (variable !== null) world.variables.set(variable, stdout.replace(/\n$/, ''))
  const shown = file === null && variable === null ? lines : lines.filter((each) => /^(!|\[exit)/.test(each))
  return shown.map((each) => withoutMachine(withoutHome(each, world.home)))
}

/** Shows the home as `~`. If a path is quoted only because of the home, this also removes its quotes. */
function withoutHome(line: string, home: string): string {
  const isSplit = inShell(home) !== home
  const bare = (all: string, path: string) => {
    const rest = path.slice(home.length)
    return isSplit && path.startsWith(home) && inShell(rest) === rest ? path : all
  }
  return line.replace(/'([^']*)'/g, bare).replaceAll(home, '~')
}

/** Replaces the Node version and the free disk space, which `doctor` reports of the machine that runs the test. */
function withoutMachine(line: string): string {
  return line.replace(/\bNode \d+\.\d+\.\d+/, 'Node 24').replace(/\d+ MiB free/, '… MiB free')
}

async function runCommand(world: World, line: Line, typed: readonly string[]): Promise<Said> {
  const [name = '', ...args] = line.words
  if (name in PROGRAMS) return runProgram(world, line, typed)
  if (name === 'echo') return answer(args.join(' '))
  if (name === 'printf') return { ...answer(''), stdout: printFormat(args[0] as string) }
  if (name === 'jq') return answer(readField(world, args))
  if (name === 'tail') return answer(readLines(world, args.at(-1) as string).at(-1) as string)
  if (name === 'app') return answer(readApp(world, args))
  if (name === 'mailed') return answer(readMailedPin(world, args[0] as string))
  if (name === 'forge') return answer(forgeCode(args[0] as ResetCode))
  if (name === 'export') Object.assign(world.env, readVariables(world, readPairs(args)))
  else if (TOOLS.includes(name))
    execFileSync(
      name,
      args.map((arg) => expandHome(world, arg)),
      { cwd: world.home },
    )
  else throw new Error(`a transcript cannot run ${name}`)
  return { stdout: '', lines: [] }
}

const answer = (text: string): Said => ({ stdout: `${text}\n`, lines: [text] })

async function runProgram(world: World, line: Line, typed: readonly string[]): Promise<Said> {
  const [name, ...args] = line.words
  const { main, fileOptions } = PROGRAMS[name as keyof typeof PROGRAMS]
  const lines: string[] = []
  const context = openContext(world, line, typed, lines)
  const isFile = (i: number) => fileOptions.includes(args[i - 1] ?? '')
  const exit = await main(
    args.map((arg, i) => (isFile(i) ? findFile(world, arg) : expandHome(world, arg))),
    context,
  )
  keepTime(world, context)
  return { stdout: context.stdout(), lines: exit === 0 ? lines : [...lines, `[exit ${exit}]`] }
}

/** Sets the time of the store's file to the world's clock. */
function keepTime({ nowMs }: World, { places }: FakeContext): void {
  if (existsSync(places.store)) utimesSync(places.store, nowMs / 1_000, nowMs / 1_000)
}

/** Starts an agent as `bin/` does, but with the world's clock. */
function launchAgent(world: World, { places, random }: FakeContext): Promise<Agent> {
  const clock = () => world.nowMs
  return serveAgent(places, clock, agentOptions({ places, clock, random }))
}

/** The context of one command. Its output is added to `lines` in the order in which it is shown. */
function openContext(world: World, line: Line, typed: readonly string[], lines: string[]): FakeContext {
  const { home, columns, marked, nowMs, variables } = world
  const split = (text: string) => text.replace(/\n$/, '').split('\n')
  const context: FakeContext = fakeContext({
    home,
    env: { NO_COLOR: '1', ...world.env, ...readVariables(world, line.set) },
    nowMs,
    seed: `transcript ${world.runs++}`,
    terminal: columns !== null,
    stdoutIsTerminal: columns !== null && line.file === null && line.variable === null,
    columns: columns ?? 80,
    answers: typed.map((each) => readAnswer(fillVariables(each, variables))),
    input: line.echoed === null ? '' : `${line.echoed.join(' ')}\n`,
    onOut: (text) => void lines.push(...split(text)),
    onErr: (text) => void lines.push(...split(text).map((each) => (marked ? `! ${each}`.trimEnd() : each))),
    launchAgent: async () => void world.agents.push(await launchAgent(world, context)),
  })
  return context
}

function readAnswer(typed: string): Answer {
  if (typed === '^C') return CTRL_C
  return typed === 'yes' ? true : typed === 'no' ? false : typed
}

function readVariables(world: World, set: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(set).map(([name, value]) => [name, expandHome(world, value)]))
}

const expandHome = ({ home }: World, word: string): string => word.replace(/^~(?=\/|$)/, home)

function findFile(world: World, name: string): string {
  // Such an option also takes `-` or the text of a checkpoint instead of a file.
  return name === '-' || /^[/~]|^keydesk:|\s/.test(name) ? expandHome(world, name) : join(world.home, name)
}

/** Replaces the escapes that files in transcripts need: \n, \r, \t and \u with four hex digits. */
function printFormat(text: string): string {
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' }
  return text.replace(/\\(?:u([0-9a-f]{4})|([nrt]))/g, (_, code, letter) =>
    code === undefined ? (escapes[letter] as string) : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

const readLines = ({ home }: World, file: string): string[] =>
  readFileSync(join(home, file), 'utf8').trimEnd().split('\n')

const fillFirstLines = (world: World, text: string): string =>
  text.replace(/\$\(head -n 1 (\S+)\)/g, (_, file) => readLines(world, file)[0] as string)

function readField({ home }: World, [, filter = '', file = '']: readonly string[]): string {
  const document = JSON.parse(readFileSync(join(home, file), 'utf8')) as Record<string, unknown>
  return String(document[filter.slice(1)])
}

function readApp({ nowMs }: World, [key = '', steps = '0']: readonly string[]): string {
  return steps === 'wrong' ? showNoCode(key, nowMs) : showCode(key, nowMs, Number(steps))
}

function readMailedPin({ home }: World, file: string): string {
  return /\d{5}-\d{5}/.exec(readBody(readFileSync(join(home, file), 'utf8')))?.[0] ?? ''
}

/** A code with the same tag and epoch, another MAC, and valid check symbols. */
function forgeCode(code: ResetCode): string {
  const data = decodeSpoken(code)
  return encodeSpoken([...data.slice(0, -1), (data.at(-1) as number) ^ 1], 'reset')
}
