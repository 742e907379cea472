/**
 * `keydesk reset confirm --batch FILE|-`: confirms many codes, one per line, each by the same decision as a single
 * code.
 * - Each result is a line of JSON, in the order of the input. It is written as soon as it is committed.
 * - Lines that arrive together are committed together. A script may therefore send one code and wait for its answer.
 * - The exit code is that of the worst line.
 */
import { readTextFile, refuseSharedStdin, tell } from '../../console/input.ts'
import { preferredTicket } from '../../console/preferred.ts'
import { readTicket } from '../../console/ticket.ts'
import type { Context } from '../../context.ts'
import { describeError, type ErrorKind, EXIT_CODES, KeydeskError, type Refusal } from '../../errors.ts'
import type { Perform } from '../../operations/index.ts'
import type { ConfirmByName } from '../../operations/reset.ts'
import { type BatchResult, MOST_IN_A_REQUEST } from '../../operations/reset-batch.ts'
import { openSession } from '../../session/open.ts'
import { passphraseFile } from '../../session/passphrase.ts'
import { renderNdjson } from '../../term/answer.ts'
import { confirmationJson } from './answer.ts'
import { hearLine, isMeant, type LineOptions } from './batch-line.ts'
import type { ConfirmOptions } from './confirm.ts'

type BatchOptions = ConfirmOptions & { readonly batch: string }
/** Values for every line: the flags, and the ticket pattern, which is read once. */
type BatchDefaults = { readonly common: LineOptions; readonly ticketPattern: string | null }
/** A line with its number, and its request or the refusal of its text. */
type Line = { readonly line: number; readonly heard: ConfirmByName | Refusal }
/** Lines whose results are not there yet. */
type Pending = { readonly lines: readonly Line[]; readonly results: Promise<readonly BatchResult[]> }

export async function confirmMany(context: Context, options: BatchOptions, words: readonly string[]): Promise<void> {
  refuseSingle(options, words)
  const secret = passphraseFile(context, options)
  refuseSharedStdin({ '--batch': options.batch, ...(secret && { [secret.flag]: secret.file }) })
  const ticketPattern = preferredTicket(context)
  // A wrong --ticket applies to all lines, so it fails the command and not each line.
  if (options.ticket !== undefined) readTicket(options.ticket, ticketPattern)
  const defaults: BatchDefaults = { common: options, ticketPattern }
  const { perform } = openSession(context, options)
  const tally = new Tally()
  const batches =
    options.batch === '-' ? context.io.readLines() : [readTextFile(options.batch, '--batch').split(/\r?\n/)]
  let line = 0
  for (const texts of batches) {
    const numbered = texts.map((text) => ({ text, line: ++line })).filter(({ text }) => isMeant(text))
    await confirmBatch(context, perform, numbered, defaults, tally)
    if (context.io.outIsClosed) break
  }
  const warning = tally.warning()
  if (warning !== null) tell(context, options, warning)
  tally.end()
}

/** Parses one batch while the batch before it is confirmed. All lines are answered before more input is read. */
async function confirmBatch(
  context: Context,
  perform: Perform,
  texts: readonly { readonly text: string; readonly line: number }[],
  defaults: BatchDefaults,
  tally: Tally,
): Promise<void> {
  let pending: Pending | null = null
  for (let at = 0; at < texts.length; at += MOST_IN_A_REQUEST) {
    const lines = texts
      .slice(at, at + MOST_IN_A_REQUEST)
      .map(({ text, line }) => ({ line, heard: hear(text, defaults) }))
    if (pending !== null) await answer(context, pending, tally)
    // Stops when stdout is closed: more confirmations would spend epochs with no reader for the codes.
    if (context.io.outIsClosed) return
    pending = { lines, results: confirmHeard(perform, lines) }
  }
  if (pending !== null) await answer(context, pending, tally)
}

function hear(text: string, { common, ticketPattern }: BatchDefaults): ConfirmByName | Refusal {
  try {
    return hearLine(text, common, ticketPattern)
  } catch (error) {
    return describeError(error)
  }
}

async function confirmHeard(perform: Perform, lines: readonly Line[]): Promise<readonly BatchResult[]> {
  const requests = lines.flatMap(({ heard }) => ('heard' in heard ? [heard] : []))
  return requests.length === 0 ? [] : perform('reset.confirm-batch', { requests })
}

async function answer({ io }: Context, { lines, results }: Pending, tally: Tally): Promise<void> {
  const confirmed = [...(await results)]
  const answers = lines.map(({ line, heard }) => {
    if (!('heard' in heard)) return { line, ...tally.refused(heard, null) }
    const result = confirmed.shift() as BatchResult
    return 'refusal' in result
      ? { line, ...tally.refused(result.refusal, result.seq) }
      : {
          line,
          ...tally.confirmed(result.confirmed.warnUnverified),
          ...confirmationJson(heard, result.confirmed, result.confirmed, result.seq),
        }
  })
  io.out(renderNdjson(answers))
}

/** Counts the confirmed and refused lines, and keeps the worst refusal. */
class Tally {
  #all = 0
  #refused = 0
  #worst: ErrorKind | null = null
  #unverified = 0

  confirmed(warnUnverified: boolean): object {
    this.#all++
    if (warnUnverified) this.#unverified++
    return {}
  }

  refused({ kind, reason, message, hint }: Refusal, auditSeq: number | null): object {
    this.#all++
    this.#refused++
    if (this.#worst === null || rank(kind) > rank(this.#worst)) this.#worst = kind
    return { auditSeq, error: { code: kind, exit: EXIT_CODES[kind], reason, message, hint: hint ?? null } }
  }

  /** The warning of policy `warn` about callers who were not verified. Null when there is none. */
  warning(): string | null {
    if (this.#unverified === 0) return null
    const many = `${this.#unverified} of ${this.#all} callers were not verified`
    return `warning: ${many}; if you made sure of them, say how by --verified-by`
  }

  /** Throws an error of the worst kind. Returns if no line was refused. */
  end(): void {
    if (this.#worst === null) return
    const message = `${this.#refused} of ${this.#all} codes were not confirmed`
    throw new KeydeskError(this.#worst, 'batch', message, 'each of their lines has an "error"')
  }
}

/** An internal error is the worst. Otherwise the higher exit code is worse. */
const rank = (kind: ErrorKind): number => (kind === 'internal' ? Number.POSITIVE_INFINITY : EXIT_CODES[kind])

/** Throws `usage` for options and words that belong to a single code. */
function refuseSingle({ device, totp, spell, email, copy, language }: ConfirmOptions, words: readonly string[]): void {
  const single = { CODE: words.length > 0 || undefined, '--device': device, '--totp': totp, '--spell': spell }
  const shown = { '--email': email, '--language': language, '--copy': copy }
  const given = Object.entries({ ...single, ...shown }).find(([, value]) => value !== undefined)
  if (given === undefined) return
  const hint = 'a line of the batch may be a JSON document: {"code": "…", "totp": "…", "ticket": "…"}'
  throw new KeydeskError('usage', 'options-exclude', `--batch and ${given[0]} exclude each other`, hint)
}
