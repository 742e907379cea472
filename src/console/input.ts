/**
 * What a person or a script gives beside the arguments: secrets and codes, typed or out of a file. A secret never comes
 * from the command line; nothing is asked without a terminal, and the error then names the flag that would have
 * answered.
 */
import { closeSync, openSync } from 'node:fs'
import type { Context } from '../context.ts'
import { decodeText } from '../crypto/bytes.ts'
import { KeydeskError } from '../errors.ts'
import { readBytes } from '../term/streams.ts'
import type { GlobalOptions } from './globals.ts'

const STDIN = '-'

/** Whether there is a person to ask, who did not say --no-input. */
export function mayAsk({ prompt }: Context, { input }: GlobalOptions): boolean {
  return prompt.available && input
}

/** Something that helps a person beside the answer: on stderr, and not with --quiet. JSON has it in its fields. */
export function tell({ io }: Context, { quiet, json }: GlobalOptions, text: string): void {
  if (quiet !== true && json !== true) io.err(`${text}\n`)
}

/** Throws `usage` when more than one of these wants to read standard input. */
export function refuseSharedStdin(sources: Readonly<Record<string, string | undefined>>): void {
  const readers = Object.keys(sources).filter((name) => sources[name] === STDIN)
  if (readers.length < 2) return
  throw new KeydeskError('usage', 'stdin-twice', `${readers.join(' and ')} cannot both be read from standard input`)
}

/** All of an argument's text; `-` is standard input, to its end. */
export function readArgument({ io }: Context, argument: string): string {
  return argument === STDIN ? io.readInput() : argument
}

/**
 * The first line of a file that holds a secret; `-` is standard input. Errors name the flag and not the file: what
 * stands there may be the secret itself, given where its file belongs.
 */
export function readSecretLine({ io }: Context, file: string, flag: string): string {
  const text = file === STDIN ? io.readInput() : readTextFile(file, flag)
  const line = text.split(/\r?\n/, 1)[0] as string
  if (line !== '') return line
  const where = file === STDIN ? 'standard input' : `the file that ${flag} names`
  throw new KeydeskError('usage', 'empty-secret', `there is no secret on the first line of ${where}`)
}

/**
 * A word that is pasted, in a file, or on standard input (`-`): it says by its beginning which of them. Its first line counts.
 */
export function readWord(context: Context, argument: string, prefix: string): string {
  if (argument.startsWith(prefix)) return argument.trim()
  const text = argument === STDIN ? context.io.readInput() : readTextFile(argument, 'the argument')
  return text.trim().split(/\s/, 1)[0] as string
}

export function readTextFile(file: string, flag: string): string {
  const text = decodeText(readFile(file, `the file that ${flag} names`))
  // Bytes that are no text would all read as the same replacement: two different passphrases would be one.
  if (text === null) throw new KeydeskError('usage', 'unreadable-file', `the file that ${flag} names is not UTF-8 text`)
  return text
}

/** All of a file; `what` is how an error calls it. Throws `usage`, for one without end too. */
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
