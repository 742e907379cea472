/**
 * Tests the lint rules for layers, folders and names.
 * - Each test breaks one rule, or shows code that the rule allows.
 * - The tests write a tree of small files in every layer, and lint it once with the project's own configuration.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const house = await import(new URL('../../tools/lint/house.mjs', import.meta.url).href)
const findHouseFaults = house.findHouseFaults as (root: string) => string[]
const IMPORTS = 'lint/style/noRestrictedImports'
const LAYERS = 'layers'
const CYCLES = 'lint/suspicious/noImportCycles'
const GLOBALS = 'lint/style/noRestrictedGlobals'

/** Files whose path matters. All other cases are written to files that are named by a number. */
const places: readonly (readonly [path: string, code: string, rule: string | null])[] = [
  ['src/errors.ts', "import { x } from './crypto/x.ts'\nexport const codes = x", LAYERS],
  ['src/guards.ts', "import { x } from './errors.ts'\nexport const guard = x", LAYERS],
  ['src/context.ts', 'export const env = process.env', null],
  ['src/version.ts', "import { env } from './context.ts'\nexport const version = env", LAYERS],
  ['src/program/start.ts', "import { run } from '../../bin/keydesk.ts'\nexport const start = run", LAYERS],
  ['src/program/load.ts', "export const load = () => import('../commands/reset/index.ts')", null],
  ['src/crypto/totp.ts', "import { generateSync } from 'otplib'\nexport const make = generateSync", null],
  ['src/commands/pin/cycle-a.ts', "import type { B } from './cycle-b.ts'\nexport type A = B | null", CYCLES],
  ['src/commands/pin/cycle-b.ts', "import type { A } from './cycle-a.ts'\nexport type B = A | null", CYCLES],
  ['src/commands/call/allowed.ts', "export { recordOutcome } from '../reset/outcome.ts'", null],
  ['src/commands/pin/other-noun.ts', "export { recordOutcome } from '../reset/outcome.ts'", LAYERS],
  ['src/commands/call/steps/other-noun.ts', "export { issuePin } from '../../pin/issue.ts'", LAYERS],
  ['src/store/sqlite/deep.ts', "import type { Context } from '../../context.ts'\nexport type Here = Context", LAYERS],
  ['src/store/sqlite/near.ts', "import type { Engine } from '../engine.ts'\nexport type Here = Engine", null],
  ['src/desk/pin/near.ts', "import type { Device } from '../records/index.ts'\nexport type Here = Device", null],
  ['src/agent/computed.ts', 'export const load = (name: string) => import(name)', LAYERS],
]

type Case = readonly [code: string, rule: string | null]

const pure: readonly Case[] = [
  ["import { readFileSync } from 'node:fs'\nexport const read = () => readFileSync('x')", IMPORTS],
  ["import { homedir } from 'node:os'\nexport const home = homedir", IMPORTS],
  ["import { env } from 'node:process'\nexport const home = env", IMPORTS],
  ["import { spawn } from 'node:child_process'\nexport const start = spawn", IMPORTS],
  ["import { connect } from 'node:net'\nexport const dial = connect", IMPORTS],
  ["import { setTimeout as wait } from 'node:timers/promises'\nexport const later = wait", IMPORTS],
  ["import { performance as p } from 'node:perf_hooks'\nexport const now = p", IMPORTS],
  ["import { createRequire } from 'node:module'\nexport const make = createRequire", IMPORTS],
  ["import Conf from 'conf'\nexport const config = Conf", IMPORTS],
  ["export { randomBytes } from 'node:crypto'", IMPORTS],
  ["import * as all from 'node:crypto'\nexport const draw = all.randomBytes", IMPORTS],
  ["import all from 'node:crypto'\nexport const draw = all.randomBytes", IMPORTS],
  ["export const draw = async () => (await import('node:crypto')).randomBytes(8)", IMPORTS],
  ["export const read = () => import('node:fs')", IMPORTS],
  ["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", LAYERS],
  ["import type { Context } from '../context.ts'\nexport type Here = Context", LAYERS],
  ["import { printAnswer } from '../term/answer.ts'\nexport const print = printAnswer", LAYERS],
  ["import { openApp } from '../device/app.ts'\nexport const open = openApp", LAYERS],
  ["import { main } from '../program/keydesk.ts'\nexport const run = main", LAYERS],
  ["import { register } from '../commands/reset/index.ts'\nexport const run = register", LAYERS],
  ['export const now = () => Date.now()', GLOBALS],
  ['export const clock = Date.now', GLOBALS],
  ['export const now = () => new Date()', GLOBALS],
  ['const { now } = Date\nexport const clock = now', GLOBALS],
  ['export const dice = () => Math.random()', 'plugin'],
  ['export const dice = Math.random', 'plugin'],
  ["export const dice = (name: 'random') => Math[name]()", 'plugin'],
  ['const { random } = Math\nexport const dice = random', 'plugin'],
  ['export const now = () => performance.now()', GLOBALS],
  ['export const draw = () => crypto.getRandomValues(new Uint8Array(8))', GLOBALS],
  ['export const draw = () => globalThis.crypto.randomUUID()', GLOBALS],
  ['export const home = () => process.env', GLOBALS],
  ["export const say = () => console.log('x')", GLOBALS],
  ['export const later = (run: () => void) => setTimeout(run, 1)', GLOBALS],
  ["export const get = () => fetch('x')", GLOBALS],
  ['export const top = (values: readonly number[]) => Math.max(...values)', null],
]

const cases: Readonly<Record<string, readonly Case[]>> = {
  'src/crypto': [
    ...pure,
    ...[
      'randomBytes',
      'randomUUID',
      'randomInt',
      'randomFillSync',
      'getRandomValues',
      'generateKeyPairSync',
      'webcrypto',
    ].map((name): Case => [`import { ${name} } from 'node:crypto'\nexport const draw = ${name}`, IMPORTS]),
    ["import { generateSync } from 'otplib'\nexport const make = generateSync", IMPORTS],
    ["import { decideReset } from '../desk/reset/decide.ts'\nexport const decide = decideReset", LAYERS],
    ["import { EXIT_CODES } from '../errors.ts'\nexport const codes = EXIT_CODES", LAYERS],
    [
      "import { createHmac, timingSafeEqual } from 'node:crypto'\nexport const use = [createHmac, timingSafeEqual]",
      null,
    ],
    [
      "import nacl from 'tweetnacl'\nimport { encodeText } from './bytes.ts'\nexport const use = [nacl, encodeText]",
      null,
    ],
  ],
  'src/desk': [
    ...pure,
    ["import { createHash } from 'node:crypto'\nexport const hash = createHash", IMPORTS],
    ["import nacl from 'tweetnacl'\nexport const box = nacl", IMPORTS],
    [
      "import { isGenuine } from '../crypto/codes.ts'\nimport { EXIT_CODES } from '../errors.ts'\nexport const use = [isGenuine, EXIT_CODES]",
      null,
    ],
  ],
  'src/store': [
    ["import { main } from '../program/keydesk.ts'\nexport const run = main", LAYERS],
    ["import type { Context } from '../context.ts'\nexport type Here = Context", LAYERS],
    ["import { printAnswer } from '../term/answer.ts'\nexport const print = printAnswer", LAYERS],
    ["import { openApp } from '../device/app.ts'\nexport const open = openApp", LAYERS],
    ["export const load = () => import('../commands/reset/index.ts')", LAYERS],
    ['export const home = () => process.env', GLOBALS],
    [
      "import { openSync } from 'node:fs'\nimport type { DeviceRecord } from '../desk/records/index.ts'\nexport type Row = DeviceRecord\nexport const open = openSync",
      null,
    ],
  ],
  'src/device': [
    ["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", LAYERS],
    ["import { decideReset } from '../desk/reset/decide.ts'\nexport const decide = decideReset", LAYERS],
    ['export const platform = process.platform', GLOBALS],
    [
      "import { openSync } from 'node:fs'\nimport { openSlot } from '../crypto/slot.ts'\nexport const use = [openSync, openSlot]",
      null,
    ],
  ],
  'src/term': [
    ["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", LAYERS],
    ['export const out = process.stdout', GLOBALS],
    [
      "import { isatty } from 'node:tty'\nimport { KeydeskError } from '../errors.ts'\nexport const use = [isatty, KeydeskError]",
      null,
    ],
  ],
  'src/operations': [
    ["import { printAnswer } from '../term/answer.ts'\nexport const print = printAnswer", LAYERS],
    ["import type { Context } from '../context.ts'\nexport type Here = Context", LAYERS],
    ["import { register } from '../commands/reset/index.ts'\nexport const run = register", LAYERS],
    [
      "import { openDesk } from '../store/desk.ts'\nimport { isText } from '../guards.ts'\nexport const use = [openDesk, isText]",
      null,
    ],
  ],
  'src/commands': [
    ["import { main } from '../program/keydesk.ts'\nexport const run = main", LAYERS],
    ['export const out = process.stdout', GLOBALS],
    [
      "import { openDesk } from '../store/desk.ts'\nimport type { Context } from '../context.ts'\nexport type Here = Context\nexport const open = openDesk",
      null,
    ],
  ],
  'src/device-commands': [
    ["import { main } from '../program/keydesk-device.ts'\nexport const run = main", LAYERS],
    ["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", LAYERS],
    ["import { openApp } from '../device/app.ts'\nexport const open = openApp", null],
  ],
  'src/session': [
    ["import { register } from '../commands/reset/index.ts'\nexport const run = register", LAYERS],
    ["import type { ColumnMap } from '../import/columns.ts'\nexport type Here = ColumnMap<string>", LAYERS],
    ["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", null],
  ],
  'src/agent': [
    ["import type { Context } from '../context.ts'\nexport type Here = Context", LAYERS],
    ["import { openSession } from '../session/open.ts'\nexport const open = openSession", LAYERS],
    ["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", null],
  ],
  'src/workstation': [["import { tell } from '../console/input.ts'\nexport const say = tell", LAYERS]],
  'src/files': [["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", LAYERS]],
  'src/mail': [["import { tell } from '../console/input.ts'\nexport const say = tell", LAYERS]],
  src: [
    ['export const out = process.stdout', GLOBALS],
    ['export const any = (value: any) => value', 'lint/suspicious/noExplicitAny'],
    ['export const sure = (value: string | null) => value!.length', 'lint/style/noNonNullAssertion'],
    ["import { codes } from './errors'\nexport const all = codes", 'lint/correctness/useImportExtensions'],
    ["import lodash from 'lodash'\nexport const all = lodash", 'lint/correctness/noUndeclaredDependencies'],
    ['async function save() {}\nexport function leave() {\n  save()\n}', 'lint/nursery/noFloatingPromises'],
    ['export default 1', 'lint/style/noDefaultExport'],
  ],
  bin: [
    ["import { main } from '../src/program/keydesk.ts'\nprocess.exitCode = await main(process.argv.slice(2))", null],
  ],
}

let tree: string
let found: Map<string, string[]>

/** The path of case `index` of a layer, from the root of the tree. */
const pathOf = (layer: string, index: number) => `${layer}/case-${index}.ts`

async function writeCase(path: string, code: string): Promise<void> {
  await mkdir(dirname(join(tree, path)), { recursive: true })
  await writeFile(join(tree, path), `${code}\n`)
}

/** The categories of Biome's diagnostics, by file. LAYERS stands for an import that tools/lint/house.mjs forbids. */
async function lintTree(): Promise<Map<string, string[]>> {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.']
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 2 ** 26 }, (_, out) => resolve(out))
  })
  const byFile = new Map<string, string[]>()
  for (const { category, location } of JSON.parse(stdout).diagnostics as Diagnostic[]) {
    byFile.set(location.path, [...(byFile.get(location.path) ?? []), category])
  }
  for (const fault of findHouseFaults(tree)) {
    const [path = '', what = ''] = fault.split(': ')
    if (/may not import|is computed/.test(what)) byFile.set(path, [...(byFile.get(path) ?? []), LAYERS])
  }
  return byFile
}

type Diagnostic = { readonly category: string; readonly location: { readonly path: string } }

function expectRule(path: string, rule: string | null): void {
  expect(found.get(path) ?? []).toEqual(rule === null ? [] : expect.arrayContaining([rule]))
}

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'keydesk-lint-'))
  for (const name of ['biome.json', 'package.json', '.gitignore', 'tools/lint']) {
    await cp(join(root, name), join(tree, name), { recursive: true })
  }
  for (const [layer, list] of Object.entries(cases)) {
    for (const [index, [code]] of list.entries()) await writeCase(pathOf(layer, index), code)
  }
  for (const [path, code] of places) await writeCase(path, code)
  found = await lintTree()
})

afterAll(() => rm(tree, { recursive: true, force: true }))

for (const [layer, list] of Object.entries(cases)) {
  const named = list.map(([code, rule], index) => ({ index, rule, code: code.replaceAll('\n', '; ') }))
  describe(layer, () => {
    test.each(named)('$rule: $code', ({ rule, index }) => expectRule(pathOf(layer, index), rule))
  })
}

describe('files whose path matters', () => {
  test.each(places)('%s: %s', (path, _, rule) => expectRule(path, rule))
})

describe('folders and names', () => {
  const findFaults = async (paths: readonly string[], text = 'export const x = 1\n'.repeat(30)) => {
    const made = await mkdtemp(join(tmpdir(), 'keydesk-house-'))
    try {
      for (const path of ['bin/a.ts', 'src/errors.ts', 'tools/run.mjs', ...paths]) {
        await mkdir(dirname(join(made, path)), { recursive: true })
        await writeFile(join(made, path), text)
      }
      return findHouseFaults(made).filter(
        (fault) => !fault.includes('SHORT_FILES lists') && !fault.includes('needs no reason'),
      )
    } finally {
      await rm(made, { recursive: true })
    }
  }
  const several = (count: number, folder: string) => Array.from({ length: count }, (_, i) => `${folder}/part-${i}.ts`)

  test('a folder of 24 files is allowed, and one of 25 is a fault', async () => {
    expect(await findFaults(several(24, 'src/desk'))).toEqual([])
    expect(await findFaults(several(25, 'src/desk'))).toEqual(['src/desk: 25 files; 24 at most'])
    expect(await findFaults(several(25, 'tools/bench'))).toEqual(['tools/bench: 25 files; 24 at most'])
  })

  test('a folder for one file is a fault', async () => {
    expect(await findFaults(['src/commands/lock/index.ts'])).toEqual([
      'src/commands/lock: a folder for one file; make it src/commands/lock.ts',
    ])
  })

  test('a file that repeats the name of its folder is a fault', async () => {
    expect(await findFaults(['src/desk/pin/decide.ts', 'src/desk/pin/pin.ts', 'src/desk/pin/pin-state.ts'])).toEqual([
      'src/desk/pin/pin-state.ts: repeats the name of its folder',
      'src/desk/pin/pin.ts: repeats the name of its folder',
    ])
  })

  test('a short file with one user and no reason is a fault', async () => {
    const short = await findFaults(['src/desk/pin/one.ts', 'src/desk/pin/two.ts'], "import './one.ts'\n")
    expect(short).toContain(
      'src/desk/pin/two.ts: under 25 lines with one user; join the two, or give the reason in SHORT_FILES',
    )
    expect(short.filter((fault) => fault.startsWith('src/desk/pin/one.ts'))).toEqual([])
  })

  test('this repository has no fault', () => {
    expect(findHouseFaults(root)).toEqual([])
  })
})
