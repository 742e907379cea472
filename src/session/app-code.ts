/**
 * Reads codes of an authenticator app: six digits, with spaces anywhere. Malformed text is refused before the store is
 * opened, and does not count as a wrong code.
 */
import type { DeskGlobals } from '../console/globals.ts'
import { mayAsk, readArgument, refuseSharedStdin } from '../console/input.ts'
import type { Context } from '../context.ts'
import { parseRecovery } from '../crypto/recovery.ts'
import { KeydeskError } from '../errors.ts'
import { passphraseFile } from './passphrase.ts'

const DIGITS = 6

/**
 * Splits USER from the words of the code. `user` is null with --self (the operator's own app). Throws `usage` if USER
 * is missing.
 */
export function splitUser(
  given: readonly string[],
  { self }: { readonly self?: boolean },
): { user: string | null; words: readonly string[] } {
  if (self === true) return { user: null, words: given }
  const [user, ...words] = given
  if (user !== undefined && user.trim() !== '') return { user, words }
  const hint = 'name the user whose app it is, before the code; --self for your own'
  throw new KeydeskError('usage', 'user-missing', 'USER is missing', hint)
}

/**
 * One code, from its words or from stdin (`-`). Without words, it is asked for at a terminal. Throws `mistyped`, or
 * `usage` if there is none.
 */
export async function hearTotp(context: Context, options: DeskGlobals, words: readonly string[]): Promise<string> {
  return parseTotp(await readDigits(context, options, words, 'Code of the app'))
}

/** Two consecutive codes. */
export async function hearTwoTotps(
  context: Context,
  options: DeskGlobals,
  words: readonly string[],
): Promise<readonly [string, string]> {
  const text = await readDigits(context, options, words, 'Two codes of the app, one after the other')
  const digits = requireDigits(text, 2 * DIGITS)
  return [digits.slice(0, DIGITS), digits.slice(DIGITS)]
}

/** Throws `mistyped` unless the text is six digits. The error does not repeat the text. */
export const parseTotp = (text: string): string => requireDigits(text, DIGITS)

/** The second factor of an operator: six digits of the app, or a recovery code. Throws `mistyped` for other text. */
export function parseFactor(text: string): string {
  return parseRecovery(text.trim()) === null ? parseTotp(text) : text
}

function requireDigits(text: string, count: number): string {
  const digits = stripSpaces(text)
  if (/^\d+$/.test(digits) && digits.length === count) return digits
  const isNumber = /^\d*$/.test(digits)
  const what = count === DIGITS ? 'the code has' : 'the two codes have'
  const message = isNumber ? `${what} ${digits.length} digits, not ${count}` : 'a code has digits only'
  throw new KeydeskError('mistyped', 'not-a-totp', message, 'ask for the six digits that the app shows')
}

/** NFKC turns full-width digits, for example, into ASCII digits. */
const stripSpaces = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '')

async function readDigits(
  context: Context,
  options: DeskGlobals,
  words: readonly string[],
  question: string,
): Promise<string> {
  const typed = words.join(' ')
  const secret = passphraseFile(context, options)
  refuseSharedStdin({ CODE: typed, ...(secret && { [secret.flag]: secret.file }) })
  const asked = typed === '' && mayAsk(context, options)
  const text = asked ? await context.prompt.text(question) : readArgument(context, typed)
  if (text.trim() !== '') return text
  throw new KeydeskError('usage', 'code-missing', 'the code is missing', 'give it as CODE, or - to read it from stdin')
}
