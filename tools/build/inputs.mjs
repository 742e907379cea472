/**
 * Tells whether dist was built from the present sources: dist keeps a hash of everything that the build read.
 * The hash is of contents, not of times: a checkout, a stash or a clone changes times.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { listFiles, root } from '../runtime.mjs'

const INPUTS = [
  'bin',
  'src',
  'docs/exit-codes.md',
  'tools/build',
  'tools/entry',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
]

/** Not published: see `files` in package.json. */
export const STAMP = '.inputs'

export function hashInputs() {
  const hash = createHash('sha256')
  for (const path of INPUTS.flatMap((input) => listFiles(join(root, input)))) {
    const name = relative(root, path).split(sep).join('/')
    const content = readFileSync(path)
    hash.update(`${name}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** The hash of the inputs that dist was built from. Empty if there is no dist, or if it has no hash. */
export function builtHash() {
  const stamp = join(root, 'dist', STAMP)
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
}
