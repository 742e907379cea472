/**
 * What can go wrong, and the exit codes that runbooks rely on. They are never renumbered. A message says what happened, in
 * lower case; a hint says what to do next. Neither ever holds a code, PIN, key or passphrase. This file imports nothing.
 */
export const EXIT_CODES = {
  /** A fault of keydesk itself. */
  internal: 1,
  /** Wrong flags or arguments, or a missing flag with no terminal to ask on. */
  usage: 2,
  /** The code's own check fails, or it is a code of another kind: ask again. */
  mistyped: 3,
  /** Well-formed, and the answer is no: not genuine, wrong, used, expired. */
  rejected: 4,
  /** Passphrase or second factor missing or wrong. */
  locked: 5,
  /** A role, a policy, a prerequisite or a lockout forbids it. */
  refused: 6,
  /** No such store, device, user, operator. */
  notfound: 7,
  /** The store, its log or an imported file does not verify. */
  damaged: 8,
  /** Another process holds the store past the waiting time. */
  busy: 9,
  /** Ctrl-C, or the end of the input at a prompt. */
  cancelled: 130,
} as const

export type ErrorKind = keyof typeof EXIT_CODES

/** A "no" with its reasons: what a decision returns, and what a command throws once it is on record. */
export type Refusal = {
  readonly kind: ErrorKind
  /** A stable word for scripts, finer than the exit code: `not-genuine`, `old-epoch`. */
  readonly reason: string
  readonly message: string
  /** What to do or to say next; a command where one helps. */
  readonly hint?: string
  /** Further fields of the JSON error. */
  readonly details?: Readonly<Record<string, unknown>>
}

export class KeydeskError extends Error {
  readonly refusal: Refusal

  constructor(kind: ErrorKind, reason: string, message: string, hint?: string) {
    super(message)
    this.name = 'KeydeskError'
    this.refusal = hint === undefined ? { kind, reason, message } : { kind, reason, message, hint }
  }

  /** The error that carries a decision's refusal, unchanged. */
  static of(refusal: Refusal): KeydeskError {
    const error = new KeydeskError(refusal.kind, refusal.reason, refusal.message)
    return Object.assign(error, { refusal })
  }
}

/** A word as it can be pasted into a shell: a hint often holds a command. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** What a thrown value means: a refusal of ours, one of the system's, or a fault of ours. It repeats nothing that may be a secret. */
export function describeError(error: unknown): Refusal {
  if (error instanceof KeydeskError) return error.refusal
  return describeSystem(error) ?? describeFault(error)
}

/** What the system refuses is no fault of ours: no room for an answer, a file that may not be read. */
const SYSTEM_REFUSALS: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE']

function describeSystem(error: unknown): Refusal | null {
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException
  if (!SYSTEM_REFUSALS.includes(code)) return null
  const what = path === undefined ? syscall : `${syscall} ${path}`
  return { kind: 'refused', reason: 'system', message: `the system refused: ${what} (${code})` }
}

/** Type and place of a fault of ours. Its message is left out: it might quote what it failed on. */
function describeFault(error: unknown): Refusal {
  const hint = 'this is a fault of the program itself; please report it with the line above'
  const { name, code, stack } = error instanceof Error ? (error as NodeJS.ErrnoException) : { name: typeof error }
  const frame = stack?.split('\n').find((line) => line.trimStart().startsWith('at ')) ?? ''
  const parts = [name, code, frame.trim()].filter((part) => part !== undefined && part !== '')
  return { kind: 'internal', reason: 'internal', message: `internal error: ${parts.join(' ')}`, hint }
}
