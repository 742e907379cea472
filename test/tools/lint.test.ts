/**
 * The lint rules that keep the house in order, each shown to bite and not to bite too much: a tree of small files in every
 * layer, linted once with the project's own configuration.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const IMPORTS = 'lint/style/noRestrictedImports'
const GLOBALS = 'lint/style/noRestrictedGlobals'

/** Files of one place only, by path; all other cases go to files that are named after their number. */
const places: readonly (readonly [path: string, code: string, rule: string | null])[] = [
  ['src/errors.ts', "import { x } from './crypto/x.ts'\nexport const codes = x", IMPORTS],
  ['src/shape.ts', "import { x } from './errors.ts'\nexport const shape = x", IMPORTS],
  ['src/cli.ts', "import { run } from '../bin/keydesk.ts'\nexport const start = run", IMPORTS],
  ['src/device-cli.ts', "export const load = () => import('./commands/reset.ts')", null],
  ['src/program.ts', "import { main } from './cli.ts'\nexport const run = main", IMPORTS],
  ['src/context.ts', 'export const env = process.env', null],
  ['src/crypto/totp.ts', "import { generateSync } from 'otplib'\nexport const make = generateSync", null],
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
  ["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", IMPORTS],
  ["import type { Context } from '../context.ts'\nexport type Here = Context", IMPORTS],
  ["import { printAnswer } from '../term/answer.ts'\nexport const print = printAnswer", IMPORTS],
  ["import { openApp } from '../device/app.ts'\nexport const open = openApp", IMPORTS],
  ["import { main } from '../cli.ts'\nexport const run = main", IMPORTS],
  ["import { register } from '../commands/reset.ts'\nexport const run = register", IMPORTS],
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
    ["import { decideReset } from '../desk/reset.ts'\nexport const decide = decideReset", IMPORTS],
    ["import { EXIT_CODES } from '../errors.ts'\nexport const codes = EXIT_CODES", IMPORTS],
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
    ["import { main } from '../cli.ts'\nexport const run = main", IMPORTS],
    ["import type { Context } from '../context.ts'\nexport type Here = Context", IMPORTS],
    ["import { printAnswer } from '../term/answer.ts'\nexport const print = printAnswer", IMPORTS],
    ["import { openApp } from '../device/app.ts'\nexport const open = openApp", IMPORTS],
    ["export const load = () => import('../commands/reset.ts')", IMPORTS],
    ['export const home = () => process.env', GLOBALS],
    [
      "import { openSync } from 'node:fs'\nimport type { DeviceRecord } from '../desk/records.ts'\nexport type Row = DeviceRecord\nexport const open = openSync",
      null,
    ],
  ],
  'src/device': [
    ["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", IMPORTS],
    ["import { decideReset } from '../desk/reset.ts'\nexport const decide = decideReset", IMPORTS],
    ['export const platform = process.platform', GLOBALS],
    [
      "import { openSync } from 'node:fs'\nimport { openSlot } from '../crypto/slot.ts'\nexport const use = [openSync, openSlot]",
      null,
    ],
  ],
  'src/term': [
    ["import { openDesk } from '../store/desk.ts'\nexport const open = openDesk", IMPORTS],
    ['export const out = process.stdout', GLOBALS],
    [
      "import { isatty } from 'node:tty'\nimport { KeydeskError } from '../errors.ts'\nexport const use = [isatty, KeydeskError]",
      null,
    ],
  ],
  'src/operations': [
    ["import { printAnswer } from '../term/answer.ts'\nexport const print = printAnswer", IMPORTS],
    ["import type { Context } from '../context.ts'\nexport type Here = Context", IMPORTS],
    ["import { register } from '../commands/reset.ts'\nexport const run = register", IMPORTS],
    [
      "import { openDesk } from '../store/desk.ts'\nimport { isText } from '../shape.ts'\nexport const use = [openDesk, isText]",
      null,
    ],
  ],
  'src/commands': [
    ["import { main } from '../cli.ts'\nexport const run = main", IMPORTS],
    ['export const out = process.stdout', GLOBALS],
    [
      "import { openDesk } from '../store/desk.ts'\nimport type { Context } from '../context.ts'\nexport type Here = Context\nexport const open = openDesk",
      null,
    ],
  ],
  'src/commands/app': [
    ["import { main } from '../../device-cli.ts'\nexport const run = main", IMPORTS],
    ["import { openApp } from '../../device/app.ts'\nexport const open = openApp", null],
  ],
  src: [
    ['export const out = process.stdout', GLOBALS],
    ['export const any = (value: any) => value', 'lint/suspicious/noExplicitAny'],
    ['export const sure = (value: string | null) => value!.length', 'lint/style/noNonNullAssertion'],
    ["import { codes } from './errors'\nexport const all = codes", 'lint/correctness/useImportExtensions'],
    ["import lodash from 'lodash'\nexport const all = lodash", 'lint/correctness/noUndeclaredDependencies'],
    ['async function save() {}\nexport function leave() {\n  save()\n}', 'lint/nursery/noFloatingPromises'],
    ['export default 1', 'lint/style/noDefaultExport'],
    ["import { openDesk } from './store/desk.ts'\nexport const open = openDesk", null],
  ],
  bin: [["import { main } from '../src/cli.ts'\nprocess.exitCode = await main(process.argv.slice(2))", null]],
}

let tree: string
let found: Map<string, string[]>

/** Path of the n-th case of a layer, from the root of the tree. */
const pathOf = (layer: string, index: number) => `${layer}/case-${index}.ts`

async function writeCase(path: string, code: string): Promise<void> {
  await mkdir(dirname(join(tree, path)), { recursive: true })
  await writeFile(join(tree, path), `${code}\n`)
}

/** Categories of the diagnostics, by file. */
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

describe('files of one place', () => {
  test.each(places)('%s: %s', (path, _, rule) => expectRule(path, rule))
})
