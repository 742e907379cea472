/**
 * Makes dist (see docs/adr/0003):
 * - the two programs as CommonJS bundles behind small entries
 * - dist/lib: bundles of the packages that only a few commands need
 * - dist/library: the library with its types
 * - the program that answers a TAB, and the shells' scripts for it
 * - a man page for each command
 * - the list of bundled packages, and their licences
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
/** The bundle that answers a TAB. `keydesk-device` has no command `complete`. */
const COMPLETE = { keydesk: 'complete', 'keydesk-device': 'device' }
/**
 * Packages that most commands never need. Each has a bundle of its own, which is read when a command first needs it.
 * The value is the bundled module: the package, or a module of keydesk that says which part of it is used.
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

/**
 * Options of every bundle.
 * - Dynamic import() becomes a late require, because Node's own import() costs milliseconds.
 * - Nothing is minified, so stack traces keep the names.
 */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  define: { 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname' },
  // import.meta.url would be undefined in CommonJS: sources use import.meta.filename.
  logOverride: { 'empty-import-meta': 'error' },
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
}

/**
 * `import 'conf'` → `require('./lib/conf.cjs')`, through a small generated module.
 * Without it esbuild would follow Node's rule for importing CommonJS: the default export is the whole `module.exports`.
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
 * Gives commander and chalk the modules of Node that they import by default export, without a copy.
 * - esbuild would otherwise copy each module property by property.
 * - node:child_process is loaded when `spawn` is first used: commander needs it only for subcommands that are programs.
 * - Together this saves 3 ms of every start.
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
 * Modules of Node that cost milliseconds to load, with the names that keydesk imports. They are loaded when first used.
 * - A command whose work the agent does uses neither of them.
 * - The names must be listed, because esbuild copies the properties that a module has when it is imported.
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

/**
 * Modules that a call loads: they are in the program's own file.
 * The modules of all other commands are in a second file, which is read when one of those commands runs.
 */
const HOT = ['src/commands/reset/index.ts', 'src/console/preferred.ts']

/**
 * Bundles both programs, each as two files of chunks.
 * - esbuild splits only ES modules, so each chunk is converted to CommonJS afterwards.
 * - Two files, not one: reading the bundle is a third of the cost of `--version`.
 * - Two files, not many: many small files would cost a call more than they save.
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

/** `load` runs a chunk when it is first needed, like `require`. A chunk that is not here is in the second file. */
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

/** The chunks that the program's start and the modules of HOT need: followed by their imports that are not late. */
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

/** Bundles the program that answers a TAB into one small file, which holds the table of commands. */
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

/** Bundles the worker thread into a file of its own: a worker thread starts from a file. */
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

/** Bundles those packages of APART that the programs import. */
async function buildApart({ outputs }) {
  const asked = new Set(Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path)))
  const names = Object.keys(APART).filter((name) => asked.has(apartFile(name)))
  const entryPoints = names.map((name) => ({ in: APART[name], out: apartFile(name).replace('.cjs', '') }))
  const options = { outdir: made, outExtension: { '.js': '.cjs' }, plugins: [plainBuiltins] }
  const { metafile } = await build({ ...common, entryPoints, ...options })
  return metafile
}

/** Bundles the start of each program: tools/entry as one file that Node 12 can parse, with the values that it names. */
async function buildEntries(described) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const shared = { NEEDED: neededNode(), VERSION: version, BUILD: hashBundles() }
  const programs = Object.entries(PROGRAMS).map(async ([program, main], i) => {
    // No help text lists `complete`, which TAB starts.
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

/** The words of each command, joined: `reset`, `reset-confirm`, … */
function namesOf({ name, commands }, above) {
  const words = `${above}${name}`
  return [words, ...commands.flatMap((each) => namesOf(each, `${words}-`))]
}

/** A hash that names these bundles: the cache uses compiled code only if it was made from them. */
function hashBundles() {
  const sum = createHash('sha256')
  const files = [made, join(made, 'lib')].flatMap((folder) =>
    globSync('*.cjs', { cwd: folder }).map((name) => join(folder, name)),
  )
  for (const file of files.sort()) sum.update(readFileSync(file))
  return sum.digest('hex').slice(0, 16)
}

/** Compiles the library to ESM with types, with tsc. Throws on a type error, which stops the build. */
function buildLibrary() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [tsc, '--project', 'tsconfig.build.json', '--outDir', join(made, 'library')]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the library does not compile')
}

/** Replaces the old dist by the new one as a whole. A build that fails leaves the old dist unchanged. */
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
    // esbuild has already printed its errors; the exception only repeats them.
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
