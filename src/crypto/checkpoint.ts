/**
 * A checkpoint: seq and hash of one audit entry. It must be kept where people who can write the store cannot change it.
 * It is not secret.
 * On paper and on the telephone the hash is 56 symbols of the alphabet of the spoken codes. The last 24 bits are a
 * check. Without it, a checkpoint that was copied wrongly would look like a changed audit log.
 */
import { createHash } from 'node:crypto'
import { concatBytes, encodeText, encodeU64, equalBytes, requireLength, takeSymbols } from './bytes.ts'
import { HASH_BYTES } from './hmac.ts'
import { parseSymbols, symbolsToNumber, writeSymbols } from './spoken.ts'

export type Checkpoint = { readonly seq: number; readonly hash: Uint8Array }

const LABEL = 'keydesk/checkpoint/1'
const PREFIX = 'keydesk:checkpoint/1/'
/**
 * Hash and check together fill whole symbols. One wrong copy in 16 million passes the check; its hash then matches no
 * entry.
 */
const CHECK_BYTES = 3
const SYMBOLS = ((HASH_BYTES + CHECK_BYTES) * 8) / 5
const GROUP = 4
/** Eight symbols carry five bytes. */
const SYMBOLS_A_BLOCK = 8
const BYTES_A_BLOCK = 5

const IN_TEXT = /keydesk:checkpoint\/1\/(\d{1,15})\/([0-9a-z-]+)/gi
const ON_PAPER = /^\s*(?:entry\s+)?(\d{1,15})[\s:]+([0-9a-z][0-9a-z\s-]*)$/i

/** The first 3 bytes of SHA-256("keydesk/checkpoint/1\0" ‖ u64 seq ‖ hash). */
function checkOf({ seq, hash }: Checkpoint): Uint8Array {
  const message = concatBytes(encodeText(`${LABEL}\0`), encodeU64(seq, 'seq'), hash)
  return new Uint8Array(createHash('sha256').update(message).digest()).subarray(0, CHECK_BYTES)
}

/** hash ‖ check in 56 symbols, without gaps. */
function writeHash(checkpoint: Checkpoint): string {
  requireLength(checkpoint.hash, HASH_BYTES, 'hash')
  return writeSymbols(takeSymbols(concatBytes(checkpoint.hash, checkOf(checkpoint)), SYMBOLS * 5))
}

/** `keydesk:checkpoint/1/SEQ/…`: one word, for a mail or a file. */
export function encodeCheckpoint(checkpoint: Checkpoint): string {
  return `${PREFIX}${checkpoint.seq}/${writeHash(checkpoint)}`
}

/** hash ‖ check in 14 groups of four symbols, to read out or to write down. */
export function groupCheckpoint(checkpoint: Checkpoint): string[] {
  const text = writeHash(checkpoint)
  return Array.from({ length: SYMBOLS / GROUP }, (_, i) => text.slice(i * GROUP, (i + 1) * GROUP))
}

/**
 * Every checkpoint in a text (a mail, or a file of many), in the order of the text. If there is none, reads the text as
 * one checkpoint typed from paper: its seq, then the groups. Null stands for a checkpoint whose check fails, because it
 * was copied wrongly.
 */
export function parseCheckpoints(text: string): (Checkpoint | null)[] {
  const found = Array.from(text.matchAll(IN_TEXT))
  const typed = found.length > 0 ? found : [ON_PAPER.exec(text)].filter((match) => match !== null)
  return typed.map(([, seq, symbols]) => readCheckpoint(Number(seq), parseSymbols((symbols as string).trim())))
}

function readCheckpoint(seq: number, symbols: readonly number[] | null): Checkpoint | null {
  if (symbols?.length !== SYMBOLS) return null
  const blocks = Array.from({ length: SYMBOLS / SYMBOLS_A_BLOCK }, (_, i) =>
    encodeU64(symbolsToNumber(symbols.slice(i * SYMBOLS_A_BLOCK, (i + 1) * SYMBOLS_A_BLOCK))).subarray(-BYTES_A_BLOCK),
  )
  const bytes = concatBytes(...blocks)
  const checkpoint = { seq, hash: bytes.slice(0, HASH_BYTES) }
  return seq > 0 && equalBytes(bytes.subarray(HASH_BYTES), checkOf(checkpoint)) ? checkpoint : null
}
