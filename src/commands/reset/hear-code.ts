/**
 * Reads a typed reset code before any store is opened.
 * - The check symbols are checked first (§1). This is not counted as a wrong code.
 * - The error for a wrong code names the place, if it is known.
 * - Unreadable symbols (`?`) are filled in if the check symbols allow it.
 */
import type { DeskGlobals } from '../../console/globals.ts'
import { mayAsk, readArgument, refuseSharedStdin } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { ALPHABET, CODE_LENGTH, type Correction, type ParsedSpoken, parseSpoken, placeOf } from '../../crypto/spoken.ts'
import type { HeardCode } from '../../desk/reset/heard-code.ts'
import { KeydeskError } from '../../errors.ts'
import { passphraseFile } from '../../session/passphrase.ts'

const KIND_NAMES = { reset: 'a reset code', confirm: 'a confirmation code', enrol: 'an enrolment code' } as const
const GROUP_LENGTH = 5
export const SYMBOLS = CODE_LENGTH

/** Throws `mistyped` with the fault and the question for the caller. `agreed`: the caller agreed to a correction. */
export async function hearCode(
  context: Context,
  options: DeskGlobals,
  words: readonly string[],
  agreed: boolean,
): Promise<HeardCode> {
  return hearText(await readCode(context, options, words), agreed)
}

/** Like hearCode, for text that is read already. */
export function hearText(text: string, agreed: boolean): HeardCode {
  const parsed = parseSpoken(text, 'reset')
  if (parsed.ok) return { code: parsed.code, corrections: [], corrected: 'nothing' }
  if (parsed.why !== 'check' || parsed.proposal === null) throw mistyped(parsed, text)
  const { code, corrections } = parsed.proposal
  return { code, corrections, corrected: howCorrected(parsed.unreadable, corrections, agreed) }
}

/** The words as one text. Without words, the text is asked for at a terminal. */
async function readCode(context: Context, options: DeskGlobals, words: readonly string[]): Promise<string> {
  const typed = words.join(' ')
  const secret = passphraseFile(context, options)
  refuseSharedStdin({ CODE: typed, ...(secret && { [secret.flag]: secret.file }) })
  const asked = typed === '' && mayAsk(context, options)
  const text = asked ? await context.prompt.text('Reset code') : readArgument(context, typed)
  if (text.trim() !== '') return text
  throw new KeydeskError(
    'usage',
    'code-missing',
    'the reset code is missing',
    'give it as CODE, or - to read it from stdin',
  )
}

function howCorrected(
  unreadable: readonly number[],
  corrections: readonly Correction[],
  agreed: boolean,
): HeardCode['corrected'] {
  // A `?` has no other reading that the caller must agree to: the MAC proves the filled-in symbol.
  if (unreadable.length === corrections.length) return 'unreadable'
  return agreed ? 'agreed' : 'proposed'
}

/** An error that asks for the whole code again. */
export function readAgain(reason: string, message: string): KeydeskError {
  return new KeydeskError(
    'mistyped',
    reason,
    message,
    'ask the caller to read the whole code again, one group of five at a time',
  )
}

type Failed = Extract<ParsedSpoken<'reset'>, { ok: false }>

function mistyped(parsed: Failed, text: string): KeydeskError {
  if (parsed.why === 'character') {
    const { group, symbol } = placeOf(parsed.at)
    const message = `group ${group}, symbol ${symbol}: ${parsed.character} is in no code`
    return new KeydeskError(
      'mistyped',
      'bad-character',
      message,
      `codes are made of ${ALPHABET}; ask for that symbol again`,
    )
  }
  if (parsed.why === 'length') return readAgain('wrong-length', describeLength(parsed.length, text))
  if (parsed.why === 'kind') {
    const hint = 'ask for the password reset code that the locked app shows'
    return new KeydeskError('mistyped', 'wrong-kind', `this is ${KIND_NAMES[parsed.kind]}, not a reset code`, hint)
  }
  const count = parsed.unreadable.length
  if (count > 2) return readAgain('unreadable', `${count} symbols are missing; two at most can be filled in`)
  return readAgain(
    'misheard',
    count === 0 ? 'more than one symbol is wrong' : 'another symbol is wrong, beside the one that is missing',
  )
}

/** Names the wrong group if the text has three groups. */
function describeLength(length: number, text: string): string {
  const groups = text.split(/[\s-]+/).filter((group) => group !== '')
  const wrong = groups.findIndex((group) => group.length !== GROUP_LENGTH)
  const where = groups.length === SYMBOLS / GROUP_LENGTH ? `; group ${wrong + 1} has ${groups[wrong]?.length}` : ''
  return `the code has ${length} symbols, not ${SYMBOLS}${where}`
}
