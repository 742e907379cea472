/**
 * Whether dist is of these sources: a hash of everything that a build reads, kept in dist beside what it made. By content and
 * not by time, since a checkout, a stash or a clone moves times about.
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

/** The hash of what dist was made of; empty when there is no dist, or its build was cut short. */
export function builtHash() {
  const stamp = join(root, 'dist', STAMP)
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
}
