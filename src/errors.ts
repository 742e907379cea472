/**
 * Error kinds, their exit codes, and how a thrown value becomes a refusal. This file imports nothing.
 * - Exit codes are never renumbered, because runbooks rely on them.
 * - A message says in lower case what happened. A hint says what to do next.
 * - A message or hint never holds a code, PIN, key or passphrase.
 */
export const EXIT_CODES = {
  /** A bug in keydesk itself. */
  internal: 1,
  /** Flags or arguments are wrong, or a flag is missing and there is no terminal to ask on. */
  usage: 2,
  /** The code fails its own check, or is a code of another kind: ask for it again. */
  mistyped: 3,
  /** The input is well-formed, but the answer is no: not genuine, wrong, used, expired. */
  rejected: 4,
  /** The passphrase or the second factor is missing or wrong. */
  locked: 5,
  /** A role, a policy, a prerequisite or a lockout forbids the action. */
  refused: 6,
  /** There is no such store, device, user or operator. */
  notfound: 7,
  /** The store, its audit log or an imported file does not verify. */
  damaged: 8,
  /** Another process kept the store locked for longer than we wait. */
  busy: 9,
  /** The user pressed Ctrl-C, or the input ended at a prompt. */
  cancelled: 130,
} as const

export type ErrorKind = keyof typeof EXIT_CODES

/** A "no" with its reasons. A decision returns it. The command throws it after the commit wrote it to the audit log. */
export type Refusal = {
  readonly kind: ErrorKind
  /** A stable word for scripts, finer than the exit code: `not-genuine`, `old-epoch`. */
  readonly reason: string
  readonly message: string
  /** The next thing to do or to say: a command where one helps. */
  readonly hint?: string
  /** More fields for the JSON error. */
  readonly details?: Readonly<Record<string, unknown>>
}

export class KeydeskError extends Error {
  readonly refusal: Refusal

  constructor(kind: ErrorKind, reason: string, message: string, hint?: string) {
    super(message)
    this.name = 'KeydeskError'
    this.refusal = hint === undefined ? { kind, reason, message } : { kind, reason, message, hint }
  }

  /** Wraps a decision's refusal, unchanged, in an error. */
  static of(refusal: Refusal): KeydeskError {
    const error = new KeydeskError(refusal.kind, refusal.reason, refusal.message)
    return Object.assign(error, { refusal })
  }
}

/** Quotes a word if a shell needs it: users paste the commands in hints. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Turns a thrown value into a refusal: ours, the system's, or a bug. It repeats no text that may be a secret. */
export function describeError(error: unknown): Refusal {
  if (error instanceof KeydeskError) return error.refusal
  return describeSystem(error) ?? describeFault(error)
}

/** Refusals by the system, which are no bugs of ours: for example a full disk, or a file that we may not read. */
const SYSTEM_REFUSALS: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE']

function describeSystem(error: unknown): Refusal | null {
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException
  if (!SYSTEM_REFUSALS.includes(code)) return null
  const what = path === undefined ? syscall : `${syscall} ${path}`
  return { kind: 'refused', reason: 'system', message: `the system refused: ${what} (${code})` }
}

/** Reports the type and place of a bug. Its message is left out: it might quote the input that caused the bug. */
function describeFault(error: unknown): Refusal {
  const hint = 'this is a fault of the program itself; please report it with the line above'
  const { name, code, stack } = error instanceof Error ? (error as NodeJS.ErrnoException) : { name: typeof error }
  const frame = stack?.split('\n').find((line) => line.trimStart().startsWith('at ')) ?? ''
  const parts = [name, code, frame.trim()].filter((part) => part !== undefined && part !== '')
  return { kind: 'internal', reason: 'internal', message: `internal error: ${parts.join(' ')}`, hint }
}
