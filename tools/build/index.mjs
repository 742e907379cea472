/**
 * Makes dist: the two programs as CommonJS bundles behind small entries, what only a few commands need in bundles of its own
 * (dist/lib), the library with its types (dist/library), what answers a TAB and the shells' scripts for it, a man page for each command, and
 * what was bundled, with its licences. See docs/adr/0003.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { build, transform } from 'esbuild'
import { neededNode, root, say } from '../runtime.mjs'
import { describePrograms } from './commands.mjs'
import { listLicences, listPackages } from './contents.mjs'
import { hashInputs, STAMP } from './inputs.mjs'
import { writePages } from './manual.mjs'

const PROGRAMS = { keydesk: 'main', 'keydesk-device': 'device' }
/** What answers a TAB; a `complete` of the device's is no command. */
const COMPLETE = { keydesk: 'complete', 'keydesk-device': 'device' }
/**
 * Packages that most commands never need, each in a file of its own that is read when a command first asks for it; and what is
 * bundled for it: the package, or a module of ours that says which part of it is used.
 */
const APART = {
  '@inquirer/prompts': 'src/term/questions.ts',
  chalk: 'chalk',
  conf: 'conf',
  'csv-parse/sync': 'csv-parse/sync',
  nodemailer: 'nodemailer',
  otplib: 'otplib',
  qrcode: 'qrcode',
  'qrcode-terminal': 'qrcode-terminal',
  tweetnacl: 'tweetnacl',
}

const dist = join(root, 'dist')
const made = join(root, `dist.${process.pid}.tmp`)
const apartFile = (name) => `./lib/${name.replace('@', '').replace('/', '-')}.cjs`

/** Every bundle. Dynamic import() becomes a late require, since Node's own costs milliseconds; names are kept for stacks. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  define: { 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname' },
  // import.meta.url would be undefined in CommonJS: sources say import.meta.filename.
  logOverride: { 'empty-import-meta': 'error' },
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
}

/**
 * `import 'conf'` → `require('./lib/conf.cjs')`. By way of a small module of ours, because esbuild would otherwise follow
 * Node's rule for importing CommonJS, by which the default export is the whole of `module.exports`.
 */
const keepApart = {
  name: 'keep-apart',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(${Object.keys(APART).join('|')})$`)
    onResolve({ filter }, ({ path, namespace }) => (namespace === 'apart' ? undefined : { path, namespace: 'apart' }))
    onLoad({ filter: /./, namespace: 'apart' }, ({ path }) => {
      const file = JSON.stringify(apartFile(path))
      return { contents: `export * from ${file}\nexport { default } from ${file}`, loader: 'js', resolveDir: root }
    })
    onResolve({ filter: /^\.\/lib\//, namespace: 'apart' }, ({ path }) => ({ path, external: true }))
  },
}

/**
 * What commander and chalk import of Node by default export is handed to them as it is: esbuild would copy each module property by
 * property. node:child_process, which commander needs only for subcommands that are programs of their own, is read if it is ever
 * asked for. Together 3 ms of every start.
 */
const plainBuiltins = {
  name: 'plain-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(child_process|fs|os|path|process|tty)$/ }, ({ path, importer }) =>
      /[\\/](commander|chalk)[\\/]/.test(importer) ? { path, namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => {
      const module = `process.getBuiltinModule('${path}')`
      return {
        contents: `export default ${path.endsWith('child_process') ? `{ get spawn() { return ${module}.spawn } }` : module}`,
      }
    })
  },
}

/**
 * What costs milliseconds to load is loaded when it is first used, whoever imports it: a command that has its work done by the agent
 * uses neither. The names are listed, because esbuild copies what a module has when it is imported.
 */
const LATE = {
  'node:crypto': 'createHash createPrivateKey createPublicKey hash scrypt scryptSync sign timingSafeEqual verify',
  'node:sqlite': 'DatabaseSync',
}
const lateBuiltins = {
  name: 'late-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(crypto|sqlite)$/ }, ({ path }) => ({ path, namespace: 'late' }))
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: LATE[path]
        .split(' ')
        .map(
          (name) =>
            `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => process.getBuiltinModule('${path}').${name} })`,
        )
        .join('\n'),
    }))
  },
}

/** What a call loads stands in the program's own file; the modules of all other commands in a second one, read when one of them is run. */
const HOT = ['src/commands/reset/index.ts', 'src/console/preferred.ts']

/**
 * esbuild splits ES modules alone, so each chunk is made CommonJS afterwards, and the chunks are put into two files: reading the
 * bundle is a third of what `--version` costs, and many small files would cost a call more than they save.
 */
async function buildPrograms() {
  const metafiles = await Promise.all(Object.entries(PROGRAMS).map(([program, main]) => buildProgram(program, main)))
  return {
    inputs: Object.assign({}, ...metafiles.map(({ inputs }) => inputs)),
    outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)),
  }
}

async function buildProgram(program, main) {
  const plugins = [keepApart, plainBuiltins, lateBuiltins]
  const split = { format: 'esm', splitting: true, supported: {}, chunkNames: '[hash]', write: false }
  const entryPoints = [{ in: `bin/${program}.ts`, out: main }]
  const { metafile, outputFiles } = await build({ ...common, ...split, entryPoints, outdir: made, plugins })
  const chunks = await Promise.all(outputFiles.map(toCommonJs))
  const hot = findHot(metafile, `${main}.js`)
  const pick = (isHot) =>
    chunks
      .filter(({ name }) => hot.has(name) === isHot)
      .map(({ name, code }) => `${JSON.stringify(name)}(module, exports) {\n${code}}`)
  mkdirSync(join(made, 'lib'), { recursive: true })
  writeFileSync(
    join(made, 'lib', `${main}-rest.cjs`),
    `'use strict'\nmodule.exports = (load, require) => ({\n${pick(false).join(',\n')}\n})\n`,
  )
  writeFileSync(
    join(made, `${main}.cjs`),
    LINKER.replace('__REST__', `./lib/${main}-rest.cjs`)
      .replace('__ENTRY__', `${main}.js`)
      .replace('__CHUNKS__', () => pick(true).join(',\n')),
  )
  return metafile
}

/** Runs a chunk when it is first asked for, like `require`; one that is not here is in the other file. */
const LINKER = `'use strict'
const chunks = {
__CHUNKS__
}
const loaded = Object.create(null)
function load(name) {
  if (loaded[name] !== undefined) return loaded[name].exports
  if (chunks[name] === undefined) Object.assign(chunks, require("__REST__")(load, require))
  const module = (loaded[name] = { exports: {} })
  chunks[name](module, module.exports)
  return module.exports
}
load('__ENTRY__')
`

async function toCommonJs({ path, text }) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    supported: common.supported,
  })
  return { name: basename(path), code: code.replace(/\brequire\("\.\/([\w-]+\.js)"\)/g, 'load("$1")') }
}

/** The chunks that the program's start and the hot modules need, by the imports that are not late. */
function findHot({ outputs }, entry) {
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]))
  const hot = new Set()
  const add = (name) => {
    if (hot.has(name) || !byName.has(name)) return
    hot.add(name)
    for (const { path, kind } of byName.get(name).imports) if (kind === 'import-statement') add(basename(path))
  }
  add(entry)
  for (const [name, { entryPoint }] of byName) if (HOT.includes(entryPoint)) add(name)
  return hot
}

/** The program that answers a TAB, in one small file, with the commands as they are now baked in. */
async function buildComplete(programs) {
  const table = JSON.stringify(programs, (name, value) => (name === 'after' ? undefined : value))
  const { metafile } = await build({
    ...common,
    define: { ...common.define, COMMAND_TABLE: JSON.stringify(table) },
    entryPoints: [{ in: 'bin/keydesk-complete.ts', out: 'complete' }],
    outdir: made,
    outExtension: { '.js': '.cjs' },
    plugins: [keepApart, plainBuiltins, lateBuiltins],
  })
  cpSync(join(root, 'src', 'completion'), join(made, 'completion'), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  })
  return metafile
}

/** What a second thread runs: a file of its own, for a thread begins with one. */
async function buildThread() {
  const { metafile } = await build({
    ...common,
    entryPoints: [{ in: 'src/store/bulk/second-thread-entry.ts', out: 'second-thread' }],
    outdir: made,
    outExtension: { '.js': '.cjs' },
    plugins: [keepApart],
  })
  return metafile
}

/** Of the packages apart, those that the programs ask for. */
async function buildApart({ outputs }) {
  const asked = new Set(Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path)))
  const names = Object.keys(APART).filter((name) => asked.has(apartFile(name)))
  const entryPoints = names.map((name) => ({ in: APART[name], out: apartFile(name).replace('.cjs', '') }))
  const options = { outdir: made, outExtension: { '.js': '.cjs' }, plugins: [plainBuiltins] }
  const { metafile } = await build({ ...common, entryPoints, ...options })
  return metafile
}

/** The start of each program: tools/entry as one file that Node 12 can parse, with the values that it names. */
async function buildEntries(described) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const shared = { NEEDED: neededNode(), VERSION: version, BUILD: hashBundles() }
  const programs = Object.entries(PROGRAMS).map(async ([program, main], i) => {
    // TAB starts `complete`, which no help text lists.
    const commands = [...described[i].commands.flatMap((each) => namesOf(each, '')), 'complete'].join(' ')
    const own = { PROGRAM: program, MAIN: `./${main}.cjs`, COMPLETE: `./${COMPLETE[program]}.cjs`, COMMANDS: commands }
    const values = Object.entries({ ...shared, ...own })
    await build({
      absWorkingDir: root,
      bundle: true,
      platform: 'node',
      target: 'node12',
      format: 'cjs',
      define: Object.fromEntries(values.map(([name, value]) => [`__${name}__`, JSON.stringify(value)])),
      logLevel: 'warning',
      entryPoints: [{ in: 'tools/entry/index.cjs', out: program }],
      outdir: made,
      outExtension: { '.js': '.cjs' },
    })
    chmodSync(join(made, `${program}.cjs`), 0o755)
  })
  await Promise.all(programs)
}

/** `reset`, `reset-confirm`, …: the words of each command, joined. */
function namesOf({ name, commands }, above) {
  const words = `${above}${name}`
  return [words, ...commands.flatMap((each) => namesOf(each, `${words}-`))]
}

/** Names these bundles: the cache holds compiled code of them and of no others. */
function hashBundles() {
  const sum = createHash('sha256')
  const files = [made, join(made, 'lib')].flatMap((folder) =>
    globSync('*.cjs', { cwd: folder }).map((name) => join(folder, name)),
  )
  for (const file of files.sort()) sum.update(readFileSync(file))
  return sum.digest('hex').slice(0, 16)
}

/** The library as ESM with types, by the compiler itself; a type error stops the build. */
function buildLibrary() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [tsc, '--project', 'tsconfig.build.json', '--outDir', join(made, 'library')]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the library does not compile')
}

/** The new dist takes the old one's place whole, so that a build that fails leaves the old one as it was. */
function putInPlace() {
  const old = `${made}.old`
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(made, dist)
  rmSync(old, { recursive: true, force: true })
}

async function main() {
  const started = performance.now()
  const inputs = hashInputs()
  try {
    mkdirSync(made, { recursive: true })
    const programs = await buildPrograms()
    const described = await describePrograms()
    const metafiles = [programs, await buildApart(programs), await buildComplete(described), await buildThread()]
    await buildEntries(described)
    buildLibrary()
    writeFileSync(join(made, 'THIRD-PARTY-LICENSES.txt'), listLicences(metafiles))
    writeFileSync(join(made, 'sbom.cdx.json'), listPackages(metafiles))
    writePages(described, join(made, 'man', 'man1'))
    writeFileSync(join(made, STAMP), inputs)
    putInPlace()
  } catch (error) {
    // esbuild has printed what it found; its exception only repeats it.
    if (error.errors === undefined) say(`${error.message}`)
    say('the build failed')
    process.exitCode = 1
    return
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
  say(`built dist in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

await main()
