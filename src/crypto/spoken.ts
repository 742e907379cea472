/**
 * Spoken codes (specification §1): 15 symbols of Crockford base32. 13 symbols are data. The last two are a Reed–Solomon
 * [15,13,3] check over GF(32), offset by a constant for each kind of code.
 * - A misheard code is refused, and the check locates the wrong symbol.
 * - The corrected symbol is only a proposal until a MAC proves it (`codes.ts`).
 * - Nothing here is secret or needs a key.
 */
import { alphaLog, alphaPower, divide, multiply } from './field.ts'

export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export const CODE_LENGTH = 15
export const DATA_LENGTH = 13
/** The operator types this for a symbol that they could not understand. */
export const UNREADABLE = '?'

/** Characters that are dropped from the input at any place. */
const SEPARATORS = /[ \-\r\n]/g
const GENERATOR = [0x0c8, 0x190, 0x305, 0x2aa, 0x1f4]
const KINDS = { reset: 0x022, confirm: 0x044, enrol: 0x066 } as const

export type SpokenKind = keyof typeof KINDS
/** A code that passed its check, written `NBAJN-00737-8YWXP`. */
export type SpokenCode<K extends SpokenKind = SpokenKind> = string & { readonly __spoken: K }
export type ResetCode = SpokenCode<'reset'>
export type ConfirmationCode = SpokenCode<'confirm'>
export type EnrolmentCode = SpokenCode<'enrol'>

/**
 * One corrected symbol: the typed one in capitals, and the one that the check demands. `at` counts symbols from 0,
 * without hyphens.
 */
export type Correction = { readonly at: number; readonly heard: string; readonly shouldBe: string }

export type ParsedSpoken<K extends SpokenKind> =
  | { readonly ok: true; readonly code: SpokenCode<K> }
  /** `at` counts symbols from 0; `character` is the character at that place. */
  | { readonly ok: false; readonly why: 'character'; readonly at: number; readonly character: string }
  | { readonly ok: false; readonly why: 'length'; readonly length: number }
  | { readonly ok: false; readonly why: 'kind'; readonly kind: SpokenKind }
  /**
   * `proposal` is the one code of this kind that differs in one wrong symbol, or in one or two unreadable ones. Null
   * when there is none.
   */
  | {
      readonly ok: false
      readonly why: 'check'
      readonly unreadable: readonly number[]
      readonly proposal: { readonly code: SpokenCode<K>; readonly corrections: readonly Correction[] } | null
    }

/** The remainder of the symbols modulo the generator (x − α)(x − α²): two symbols, ten bits. */
function polymod(symbols: readonly number[]): number {
  let r = 0
  for (const v of symbols) {
    const b = r >> 5
    r = ((r & 31) << 5) ^ v
    for (let i = 0; i < 5; i++) if ((b >> i) & 1) r ^= GENERATOR[i] as number
  }
  return r
}

/** Symbols as text, without hyphens. */
export function writeSymbols(symbols: readonly number[]): string {
  let text = ''
  for (const v of symbols) text += ALPHABET[v]
  return text
}

/** `NBAJN007378YWXP` → `NBAJN-00737-8YWXP`. */
function groupSymbols(symbols: readonly number[]): string {
  const text = writeSymbols(symbols)
  return `${text.slice(0, 5)}-${text.slice(5, 10)}-${text.slice(10)}`
}

/** Writes 13 data symbols (values 0 … 31) as a code of the kind. Throws a RangeError on anything else. */
export function encodeSpoken<K extends SpokenKind>(data: readonly number[], kind: K): SpokenCode<K> {
  if (data.length !== DATA_LENGTH || data.some((v) => !Number.isInteger(v) || v < 0 || v > 31)) {
    throw new RangeError(`data: ${DATA_LENGTH} symbols of 5 bits expected`)
  }
  const check = polymod([...data, 0, 0]) ^ KINDS[kind]
  return groupSymbols([...data, check >> 5, check & 31]) as SpokenCode<K>
}

/** The 13 data symbols (values 0 … 31) of a code that passed its check. */
export function decodeSpoken(code: SpokenCode): number[] {
  const text = stripHyphens(code)
  const data: number[] = []
  for (let i = 0; i < DATA_LENGTH; i++) data.push(ALPHABET.indexOf(text[i] as string))
  return data
}

/** The 15 symbols without hyphens. A slot's key is derived from this text. */
export function stripHyphens(code: SpokenCode): string {
  return code.replaceAll('-', '')
}

/** The number that the symbols carry, most significant first. Exact for at most ten symbols (50 bits). */
export function symbolsToNumber(symbols: readonly number[]): number {
  return symbols.reduce((value, v) => value * 32 + v, 0)
}

export function numberToSymbols(value: number, length: number): number[] {
  return Array.from({ length }, (_, i) => Math.floor(value / 32 ** (length - 1 - i)) % 32)
}

/** Value of one character, or −1. Only ASCII letters are folded to upper case: `ſ` and `ı` must not become S and 1. */
function symbolValue(character: string): number {
  if (character.length !== 1 || character > 'z') return -1
  const upper = character.toUpperCase()
  if (upper === 'O') return 0
  if (upper === 'I' || upper === 'L') return 1
  return ALPHABET.indexOf(upper)
}

/** Reads any number of typed symbols. Null when a character belongs to no code. */
export function parseSymbols(input: string): number[] | null {
  const symbols = Array.from(input.replace(SEPARATORS, ''), symbolValue)
  return symbols.includes(-1) ? null : symbols
}

/** Reads typed text as a code of `kind`. Each failure says why, and where. */
export function parseSpoken<K extends SpokenKind>(input: string, kind: K): ParsedSpoken<K> {
  const characters = Array.from(input.replace(SEPARATORS, ''))
  const symbols = characters.map(symbolValue)
  const bad = characters.findIndex((c, i) => symbols[i] === -1 && c !== UNREADABLE)
  if (bad !== -1) return { ok: false, why: 'character', at: bad, character: characters[bad] as string }
  if (symbols.length !== CODE_LENGTH) return { ok: false, why: 'length', length: symbols.length }
  return checkSymbols(symbols, characters, kind)
}

function checkSymbols<K extends SpokenKind>(symbols: number[], characters: string[], kind: K): ParsedSpoken<K> {
  const unreadable = symbols.flatMap((v, i) => (v === -1 ? [i] : []))
  const known = symbols.map((v) => Math.max(v, 0))
  const remainder = polymod(known) ^ KINDS[kind]
  if (unreadable.length === 0) {
    if (remainder === 0) return { ok: true, code: groupSymbols(symbols) as SpokenCode<K> }
    const other = (Object.keys(KINDS) as SpokenKind[]).find((k) => polymod(known) === KINDS[k])
    if (other !== undefined) return { ok: false, why: 'kind', kind: other }
  }
  const errors = unreadable.length === 0 ? locateError(remainder) : fillErasures(remainder, unreadable)
  if (errors === null) return { ok: false, why: 'check', unreadable, proposal: null }
  for (const { at, error } of errors) known[at] = (known[at] as number) ^ error
  const corrections = errors.map(({ at }) => ({
    at,
    heard: (characters[at] as string).toUpperCase(),
    shouldBe: ALPHABET[known[at] as number] as string,
  }))
  return { ok: false, why: 'check', unreadable, proposal: { code: groupSymbols(known) as SpokenCode<K>, corrections } }
}

type SymbolError = { at: number; error: number }

/** S1 = r(α), S2 = r(α²): both 0 exactly when the check holds. */
function syndromes(remainder: number): [number, number] {
  const high = remainder >> 5
  const low = remainder & 31
  return [multiply(high, alphaPower(1)) ^ low, multiply(high, alphaPower(2)) ^ low]
}

/**
 * One wrong symbol e at power p gives S1 = e·α^p and S2 = e·α^2p, so α^p = S2 ÷ S1 and e = S1² ÷ S2.
 * Null when no single symbol explains the remainder.
 * The code has distance 3. So two wrong symbols are always detected, but they often look like one wrong symbol at a
 * third place.
 */
function locateError(remainder: number): SymbolError[] | null {
  const [s1, s2] = syndromes(remainder)
  if (s1 === 0 || s2 === 0) return null
  const power = alphaLog(divide(s2, s1))
  return power < CODE_LENGTH ? [{ at: CODE_LENGTH - 1 - power, error: divide(multiply(s1, s1), s2) }] : null
}

/**
 * Solves the two check equations for one or two unreadable symbols, which are taken as 0. Null for more than two, or
 * when a single one cannot satisfy both equations.
 */
function fillErasures(remainder: number, unreadable: readonly number[]): SymbolError[] | null {
  if (unreadable.length > 2) return null
  const [s1, s2] = syndromes(remainder)
  const [first, second] = unreadable as [number, number?]
  const x = alphaPower(CODE_LENGTH - 1 - first)
  if (second === undefined) {
    const error = divide(s1, x)
    return multiply(error, multiply(x, x)) === s2 ? [{ at: first, error }] : null
  }
  // e·x + f·y = S1 and e·x² + f·y² = S2 give e = (S2 + y·S1) ÷ (x² + x·y).
  const y = alphaPower(CODE_LENGTH - 1 - second)
  const error = divide(s2 ^ multiply(y, s1), multiply(x, x ^ y))
  return [
    { at: first, error },
    { at: second, error: divide(s1 ^ multiply(error, x), y) },
  ]
}

/** The place as people say it on the telephone: "group 2, symbol 3", both counted from 1. */
export function placeOf(at: number): { group: number; symbol: number } {
  return { group: Math.floor(at / 5) + 1, symbol: (at % 5) + 1 }
}
