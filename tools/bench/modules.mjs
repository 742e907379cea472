/**
 * Sums the samples of a profile (`node --cpu-prof`) by part of the program and by module.
 * - A sample counts for the innermost frame that fits one of PARTS. Any other frame (native code, Node's own code)
 *   counts for its caller.
 * - The built programs do not say which source a line comes from. A line counts for the source of the last name above
 *   it that only one source declares.
 */
import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listFiles, root } from '../runtime.mjs'

export const START = 'start and end of Node'
const LOAD = 'load the program'
/**
 * [pattern, part]: the first pattern that fits gives the part. A frame that fits no pattern counts for its caller.
 * @public For the test.
 */
export const PARTS = [
  [/^\(garbage collector\)$/, 'collecting garbage'],
  [/^\(idle\)$/, 'waiting: agent, disk, reader'],
  [/^\(program\)$/, 'native code without a name'],
  [/^(load the program|node:internal\/modules|node:internal\/bootstrap\/realm)/, 'loading our code'],
  [/^src\/agent\/|^node:(net|internal\/stream)/, 'agent, socket'],
  [/^src\/store\/(sqlite|engine|collections|backup)|^node:sqlite/, 'SQLite'],
  [/tweetnacl|@noble|^src\/crypto\/|^src\/store\/(sealer|keyring)|^node:internal\/crypto|^node:crypto/, 'crypto'],
  [/^src\/(store\/record-text|guards)/, 'JSON of records'],
  [/csv-parse|^src\/import\/|^src\/commands\/device\/import-/, 'reading CSV'],
  [/^src\/(term|mail)\//, 'output'],
  [/commander|^src\/(program|console|context|version|errors)|^bin\//, 'command line'],
  [/^src\/desk\//, 'decisions, search'],
  [/^src\/(commands|device-commands|device|operations|completion)\//, 'commands'],
  [/^src\/(session|workstation|files)\//, 'keys, config, files'],
  [/^src\/store\//, 'store, the rest'],
  [/^node:internal\/(bootstrap|process|main|options)/, START],
]

const DECLARED = /^(?:export )?(?:async )?(?:function\*?|const|let|var|class) (\w+)/
const CHUNK = /^"[A-Z0-9]{8}\.js"\(/

/** Maps each declared name to its module, or to null if several modules declare it. */
function indexNames() {
  const found = new Map()
  for (const path of ['src', 'bin', 'node_modules/commander/lib'].flatMap((folder) => listFiles(join(root, folder)))) {
    const module = relative(root, path).split(sep).join('/').replace('node_modules/', '')
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const name = DECLARED.exec(line)?.[1]
      if (name !== undefined) found.set(name, found.has(name) && found.get(name) !== module ? null : module)
    }
  }
  return found
}

/** The module of each line of a built file; null where it is unknown. */
function readModules(path) {
  names ??= indexNames()
  let module = null
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((text) => {
      if (CHUNK.test(text)) module = null
      const comment = /^\s*\/\/ node_modules\/(\S+)$/.exec(text)?.[1]
      module = comment ?? names.get(DECLARED.exec(text)?.[1]) ?? module
      return module
    })
}

let names = null
const known = new Map()

function moduleOf({ functionName, url, lineNumber }) {
  if (url === '') return functionName
  if (url.startsWith('node:')) return url
  // Loading: the linker in the bundle, the chunks that it runs, and the entry, which compiles them or reads the cache.
  if (functionName === 'load' || /^[A-Z0-9]{8}\.js$/.test(functionName) || url.endsWith('keydesk.cjs')) return LOAD
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  if (!known.has(path)) known.set(path, readModules(path))
  return known.get(path)[lineNumber] ?? path.replace(/^.*\/dist\//, '')
}

/** The name of the frame, and its part; null if the frame fits no pattern. */
function classify(callFrame) {
  const name = moduleOf(callFrame)
  return { name, part: PARTS.find(([pattern]) => pattern.test(name))?.[1] ?? null }
}

/** Milliseconds by part, and within each part by module. Idle time is included as a part. */
export function sumProfile(profile) {
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, classify(callFrame)]))
  const speaking = (id) => {
    for (let at = id; at !== undefined; at = parents.get(at)) if (frames.get(at).part !== null) return frames.get(at)
    return { name: 'Node', part: START }
  }
  const parts = new Map()
  for (const [i, id] of profile.samples.entries()) {
    const { name, part } = speaking(id)
    const modules = parts.get(part) ?? parts.set(part, new Map()).get(part)
    modules.set(name, (modules.get(name) ?? 0) + profile.timeDeltas[i] / 1000)
  }
  return parts
}

/** Adds the milliseconds of `more` to `sum`. */
export function addParts(sum, more) {
  for (const [part, modules] of more)
    for (const [name, milliseconds] of modules) {
      const into = sum.get(part) ?? sum.set(part, new Map()).get(part)
      into.set(name, (into.get(name) ?? 0) + milliseconds)
    }
  return sum
}
