/**
 * Parses the input of a terminal into keys. Pure.
 * - Input is decoded text. A possible start of a longer sequence is returned as `rest`, for the next chunk.
 * - Pasted text (bracketed paste) is a single key, so that no pasted line end acts as Enter.
 */
export type KeyName =
  | ('text' | 'paste' | 'enter' | 'escape' | 'backspace' | 'delete' | 'tab' | 'unknown')
  | ('up' | 'down' | 'left' | 'right' | 'home' | 'end' | 'page-up' | 'page-down')
  | `ctrl-${string}`
/** `text` is the typed or pasted text. Empty for every other key. */
export type Key = { readonly name: KeyName; readonly text: string }

const ESCAPE = '\u001b'
const PASTE = `${ESCAPE}[200~`
const PASTED = `${ESCAPE}[201~`
/** Replaces the beginning of a paste that was too long. */
const DROPPED = `${ESCAPE}[200;0~`
/** No code, name or ticket is longer. */
const LONGEST_PASTE = 65_536
/** The text after an Escape: a sequence, or a letter that was pressed with Alt. */
const SEQUENCE = /^(?:\[([0-9;?<=>]*[ -/]*[@-~])|O([@-~])|[^[O])/u
const UNFINISHED = /^(?:\[[0-9;?<=>]*[ -/]*|O)?$/
const NAMES: Readonly<Record<string, KeyName>> = {
  ...{ A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end', M: 'enter' },
  ...{ '1~': 'home', '7~': 'home', '4~': 'end', '8~': 'end', '3~': 'delete', '5~': 'page-up', '6~': 'page-down' },
}
const CONTROLS: Readonly<Record<string, KeyName>> = {
  ...{ '\r': 'enter', '\n': 'enter', '\t': 'tab', '\u007f': 'backspace', '\b': 'backspace' },
  ...{ '\u0001': 'home', '\u0002': 'left', '\u0006': 'right', '\u0010': 'up', '\u000e': 'down' },
}

export function readKeys(input: string): { readonly keys: readonly Key[]; readonly rest: string } {
  const keys: Key[] = []
  let rest = input
  while (rest !== '') {
    const found = readKey(rest)
    if (found === null) break
    keys.push(found.key)
    rest = rest.slice(found.length)
  }
  return { keys, rest: dropTooMuch(rest) }
}

/**
 * Drops the text of a paste that is too long, as it arrives. The parser still waits for the end of the paste, so that
 * no part of it is typed. The whole paste becomes one key without effect.
 */
function dropTooMuch(rest: string): string {
  const isPaste = rest.startsWith(PASTE) || rest.startsWith(DROPPED)
  return isPaste && rest.length > LONGEST_PASTE ? `${DROPPED}${rest.slice(1 - PASTED.length)}` : rest
}

/** The keys in `rest` when no more input comes: an Escape, or none. */
export function flushKeys(rest: string): readonly Key[] {
  return rest === ESCAPE ? [{ name: 'escape', text: '' }] : []
}

type Found = { readonly key: Key; readonly length: number }

/** Returns null if the key is incomplete. */
function readKey(input: string): Found | null {
  if (input.startsWith(PASTE)) return readPaste(input)
  if (input.startsWith(DROPPED)) return readDropped(input)
  if (input.startsWith(ESCAPE)) return readSequence(input)
  const character = String.fromCodePoint(input.codePointAt(0) as number)
  const { length } = character
  if (!/\p{Cc}/u.test(character)) return { key: { name: 'text', text: character }, length }
  const letter = String.fromCharCode(character.charCodeAt(0) + 96)
  const name = CONTROLS[character] ?? (/[a-z]/.test(letter) ? (`ctrl-${letter}` as const) : 'unknown')
  return { key: { name, text: '' }, length }
}

function readPaste(input: string): Found | null {
  const end = input.indexOf(PASTED, PASTE.length)
  if (end === -1) return null
  const text = input.slice(PASTE.length, end)
  const length = end + PASTED.length
  return text.length > LONGEST_PASTE
    ? { key: { name: 'unknown', text: '' }, length }
    : { key: { name: 'paste', text }, length }
}

function readDropped(input: string): Found | null {
  const end = input.indexOf(PASTED, DROPPED.length)
  return end === -1 ? null : { key: { name: 'unknown', text: '' }, length: end + PASTED.length }
}

/** A letter with Alt, or an unknown sequence, is a key without effect. */
function readSequence(input: string): Found | null {
  const after = input.slice(ESCAPE.length)
  if (UNFINISHED.test(after)) return null
  const match = after.startsWith(ESCAPE) ? null : SEQUENCE.exec(after)
  if (match === null) return { key: { name: 'escape', text: '' }, length: ESCAPE.length }
  const [whole, csi, ss3] = match
  return { key: { name: NAMES[csi ?? ss3 ?? ''] ?? 'unknown', text: '' }, length: ESCAPE.length + whole.length }
}
