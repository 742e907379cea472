/** Slow packages (prompts, chalk, the QR library) are loaded when they are needed, never by the import of src/term. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '../../src/term')
/** The one file that is loaded late itself, at the first question. */
const LATE = 'questions.ts'

/** Prints the packages that are loaded by importing the given files. */
const SPY = `
  const loaded = []
  require('node:module').registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
  Promise.all(JSON.parse(process.argv[1]).map((file) => import(file))).then(() =>
    console.log(JSON.stringify(loaded.filter((url) => url.includes('/node_modules/')))))`

function packagesLoaded(files: readonly string[]): string[] {
  const urls = files.map((file) => pathToFileURL(join(FOLDER, file)).href)
  const { stdout } = spawnSync(process.execPath, ['-e', SPY, JSON.stringify(urls)], { encoding: 'utf8' })
  return JSON.parse(stdout) as string[]
}

test('importing src/term loads no package', () => {
  expect(packagesLoaded(readdirSync(FOLDER).filter((file) => file !== LATE))).toEqual([])
})

test('importing the questions loads a package, which shows that the first test can fail', () => {
  expect(packagesLoaded([LATE]).join()).toContain('@inquirer/password')
})
