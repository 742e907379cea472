/**
 * Input besides the arguments: secrets and codes, typed or read from a file.
 * - A secret is never an argument of the command line.
 * - Nothing is asked without a terminal. The error then names the flag to use instead.
 */
import { closeSync, openSync } from 'node:fs'
import type { Context } from '../context.ts'
import { decodeText } from '../crypto/bytes.ts'
import { KeydeskError } from '../errors.ts'
import { readBytes } from '../term/streams.ts'
import type { GlobalOptions } from './globals.ts'

const STDIN = '-'

/** True if there is a terminal and --no-input was not given. */
export function mayAsk({ prompt }: Context, { input }: GlobalOptions): boolean {
  return prompt.available && input
}

/**
 * Prints a note for a person on stderr. With --quiet or --json it prints nothing: JSON has the same facts in its
 * fields.
 */
export function tell({ io }: Context, { quiet, json }: GlobalOptions, text: string): void {
  if (quiet !== true && json !== true) io.err(`${text}\n`)
}

/** Throws `usage` if more than one of these sources reads standard input. */
export function refuseSharedStdin(sources: Readonly<Record<string, string | undefined>>): void {
  const readers = Object.keys(sources).filter((name) => sources[name] === STDIN)
  if (readers.length < 2) return
  throw new KeydeskError('usage', 'stdin-twice', `${readers.join(' and ')} cannot both be read from standard input`)
}

/** The text of an argument. `-` reads standard input to its end. */
export function readArgument({ io }: Context, argument: string): string {
  return argument === STDIN ? io.readInput() : argument
}

/**
 * The first line of a file that holds a secret. `-` is standard input. An error names the flag and not the file: the
 * operator may have typed the secret itself in place of the file name.
 */
export function readSecretLine({ io }: Context, file: string, flag: string): string {
  const text = file === STDIN ? io.readInput() : readTextFile(file, flag)
  const line = text.split(/\r?\n/, 1)[0] as string
  if (line !== '') return line
  const where = file === STDIN ? 'standard input' : `the file that ${flag} names`
  throw new KeydeskError('usage', 'empty-secret', `there is no secret on the first line of ${where}`)
}

/**
 * The first word of the argument itself, of a file, or of standard input (`-`). An argument that begins with `prefix`
 * is the word itself.
 */
export function readWord(context: Context, argument: string, prefix: string): string {
  if (argument.startsWith(prefix)) return argument.trim()
  const text = argument === STDIN ? context.io.readInput() : readTextFile(argument, 'the argument')
  return text.trim().split(/\s/, 1)[0] as string
}

export function readTextFile(file: string, flag: string): string {
  const text = decodeText(readFile(file, `the file that ${flag} names`))
  // A lenient decoder would replace all invalid bytes by the same symbol: two different passphrases would become equal.
  if (text === null) throw new KeydeskError('usage', 'unreadable-file', `the file that ${flag} names is not UTF-8 text`)
  return text
}

/** The bytes of a file. `what` names the file in an error. Throws `usage`, also for a file without end. */
export function readFile(file: string, what: string): Uint8Array {
  try {
    const fd = openSync(file, 'r')
    try {
      return readBytes(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (error instanceof KeydeskError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new KeydeskError('usage', 'unreadable-file', `${what} cannot be read (${code})`)
  }
}
