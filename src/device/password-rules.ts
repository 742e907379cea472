/**
 * The rules for an app password. Length is the main protection. The other rules refuse only passwords that a guesser
 * tries first.
 * A refusal names the broken rule and never quotes the password.
 */
import { encodeText } from '../crypto/bytes.ts'
import { KeydeskError } from '../errors.ts'
import { brokenRule } from './refusals.ts'

const LEAST_CHARACTERS = 8
const MOST_BYTES = 1024

/** The owner of a password: names that a guesser knows. */
export type PasswordOwner = { readonly user: string; readonly organisation: string }

/** Null when the password keeps all rules; otherwise the rule that it breaks, as a sentence without its full stop. */
export function checkPassword(password: string, owner: PasswordOwner): string | null {
  const characters = Array.from(password.normalize('NFC'))
  // A lone surrogate has no UTF-8 form: two passwords with different lone surrogates would be one password.
  if (!password.isWellFormed() || /\p{Cc}/u.test(password)) return 'a password holds no control characters'
  if (characters.length < LEAST_CHARACTERS) return `a password has at least ${LEAST_CHARACTERS} characters`
  if (encodeText(password).length > MOST_BYTES) return `a password has at most ${MOST_BYTES} bytes`
  if (new Set(characters).size <= 2) return 'a password has more than two different characters'
  if (isRun(characters)) return 'a password is more than a run such as 12345678 or abcdefgh'
  if (isName(password, owner)) return 'a password is not the name of the user or of the organisation'
  return null
}

/** Whether the code points rise by 1 at every character, or fall by 1 at every character. */
function isRun(characters: readonly string[]): boolean {
  const codes = characters.map((character) => character.codePointAt(0) as number)
  const steps = new Set(codes.slice(1).map((code, i) => code - (codes[i] as number)))
  return steps.size === 1 && (steps.has(1) || steps.has(-1))
}

/**
 * Whether the password is a name of the owner: the user, the user without the part from @ on, the organisation, or user
 * and organisation together in either order. Ignores case, spaces and the characters . _ -
 */
function isName(password: string, { user, organisation }: PasswordOwner): boolean {
  const names = [user, user.replace(/@.*$/s, ''), organisation, organisation + user, user + organisation]
  return names.map(foldName).includes(foldName(password))
}

const foldName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s._-]/g, '')

/** Throws `usage` when the password breaks a rule. */
export function requirePassword(password: string, owner: PasswordOwner): void {
  const broken = checkPassword(password, owner)
  if (broken !== null)
    throw KeydeskError.of(brokenRule('weak-password', broken, 'choose another; several words do well'))
}
