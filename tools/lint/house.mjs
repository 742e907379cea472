/**
 * Checks the rules for the layout of folders, files and imports:
 * - Layers: a folder imports only the folders that LAYERS lists for it. Type imports count.
 * - Nouns: a command imports another noun's file only where BETWEEN_NOUNS lists it.
 * - Folders: at most MOST_FILES files. A folder for one file must become a file. No file repeats its folder's name.
 * - Short files: a file of src/ under SHORTEST lines is a command, an index.ts, or used by at least two files.
 *   SHORT_FILES gives the reason for each exception.
 * Biome checks import cycles (`noImportCycles`).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix, relative, sep } from 'node:path'

/** Folders and files of src/ that each layer may import, besides itself. From top to bottom; bin/ is the top. */
export const LAYERS = {
  bin: ['program', 'completion', 'agent', 'workstation', 'term', 'context'],
  program: ['commands', 'device-commands', 'device', 'term', 'context', 'errors', 'version'],
  commands: [
    ...['import', 'session', 'console', 'completion', 'agent', 'operations', 'workstation', 'store', 'desk', 'files'],
    ...['crypto', 'term', 'mail', 'context', 'errors', 'guards', 'version'],
  ],
  'device-commands': ['console', 'device', 'crypto', 'term', 'context', 'errors'],
  completion: ['agent', 'workstation', 'term', 'guards'],
  import: ['session', 'console', 'desk', 'term', 'context', 'errors'],
  session: ['console', 'agent', 'operations', 'workstation', 'store', 'desk', 'crypto', 'term', 'context', 'errors'],
  console: ['operations', 'workstation', 'desk', 'files', 'crypto', 'term', 'mail', 'context', 'errors'],
  agent: ['operations', 'workstation', 'store', 'desk', 'files', 'crypto', 'errors', 'guards', 'version'],
  context: ['workstation', 'term'],
  operations: ['store', 'desk', 'crypto', 'errors', 'guards'],
  workstation: ['store', 'desk', 'files', 'crypto', 'errors'],
  store: ['desk', 'files', 'crypto', 'errors'],
  device: ['crypto', 'errors'],
  mail: ['errors'],
  term: ['errors'],
  files: ['crypto', 'errors'],
  desk: ['crypto', 'errors'],
  crypto: [],
  errors: [],
  guards: [],
  version: [],
}

/** The allowed imports from one noun to a file of another. */
export const BETWEEN_NOUNS = [
  'call → reset/outcome.ts',
  'device → audit/entry.ts',
  'device → reset/outcome.ts',
  'reset → audit/list.ts',
  'reset → audit/options.ts',
  'unlock.ts → status.ts',
  'user → device/import-rows.ts',
]

const MOST_FILES = 24
const SHORTEST = 25

/** Short files with fewer than two users that stay files, and the reason for each. */
export const SHORT_FILES = {
  'src/session/perform-in-process.ts': 'imported late, with all operations behind it',
  'src/term/qrcode.d.ts': 'the types of a package that has none',
  'src/term/questions.ts': 'a bundle of its own: the build names it',
}

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g
const COMPUTED_IMPORT = /\bimport\(\s*[^'\s)]/

/** Returns one line for each fault, sorted: the place, then the fault. */
export function findHouseFaults(root) {
  const files = ['bin', 'src', 'tools'].flatMap((folder) => listSources(root, folder))
  const modules = files
    .filter((path) => path.endsWith('.ts') && !path.startsWith('tools/'))
    .map((path) => readModule(root, path))
  return [...modules.flatMap(findImportFaults), ...findFolderFaults(files), ...findShortFiles(modules)].sort()
}

function listSources(root, folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.includes('/node_modules/'))
}

function readModule(root, path) {
  const text = readFileSync(join(root, path), 'utf8')
  const targets = Array.from(text.matchAll(IMPORT), ([, specifier]) => posix.join(posix.dirname(path), specifier))
  return { path, text, targets }
}

function findImportFaults({ path, text, targets }) {
  const faults = COMPUTED_IMPORT.test(text) ? [`${path}: import() of a name that is computed`] : []
  return [...faults, ...targets.flatMap((target) => [...judgeLayer(path, target), ...judgeNoun(path, target)])]
}

/** `src/store/desk.ts` → `store`; `src/errors.ts` → `errors`; `bin/keydesk.ts` → `bin`. */
function layerOf(path) {
  const [top, name] = path.split('/')
  return top === 'src' ? name.replace(/\.ts$/, '') : top
}

function judgeLayer(path, target) {
  const [from, to] = [layerOf(path), layerOf(target)]
  if (from === to || LAYERS[from]?.includes(to)) return []
  return [`${path}: src/${from} may not import ${target} (LAYERS in tools/lint/house.mjs)`]
}

function judgeNoun(path, target) {
  const noun = (name) => /^src\/commands\/([^/]+)/.exec(name)?.[1]
  const [from, to] = [noun(path), noun(target)]
  if (from === undefined || to === undefined || from === to) return []
  if (BETWEEN_NOUNS.includes(`${from} → ${target.slice('src/commands/'.length)}`)) return []
  return [`${path}: a command of ${from} may not import ${target} (BETWEEN_NOUNS in tools/lint/house.mjs)`]
}

function findFolderFaults(files) {
  const folders = Map.groupBy(files, (path) => dirname(path))
  const isAlone = (folder) => files.filter((path) => path.startsWith(`${folder}/`)).length === 1
  return Array.from(folders).flatMap(([folder, inside]) => [
    ...(inside.length > MOST_FILES ? [`${folder}: ${inside.length} files; ${MOST_FILES} at most`] : []),
    ...(folder.startsWith('src/') && isAlone(folder) ? [`${folder}: a folder for one file; make it ${folder}.ts`] : []),
    ...inside.filter((path) => repeats(folder, path)).map((path) => `${path}: repeats the name of its folder`),
  ])
}

function repeats(folder, path) {
  const [name, stem] = [basename(folder), basename(path).replace(/\.\w+$/, '')]
  return folder.includes('/') && (stem === name || stem.startsWith(`${name}-`))
}

function findShortFiles(modules) {
  const users = (path) => modules.filter(({ targets }) => targets.includes(path)).length
  const isFree = (path) => !path.startsWith('src/') || path.startsWith('src/commands/') || basename(path) === 'index.ts'
  const short = modules
    .filter(({ path, text }) => !isFree(path) && text.split('\n').length - 1 < SHORTEST && users(path) < 2)
    .map(({ path }) => path)
  const said = Object.keys(SHORT_FILES)
  return [
    ...short
      .filter((path) => !said.includes(path))
      .map((path) => `${path}: under ${SHORTEST} lines with one user; join the two, or give the reason in SHORT_FILES`),
    ...said.filter((path) => !short.includes(path)).map((path) => `${path}: needs no reason in SHORT_FILES any more`),
  ]
}
