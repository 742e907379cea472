/** One thing that `doctor` looked at, in words, with the command that mends it. */
import type { ErrorKind, Refusal } from '../../errors.ts'

export type Check = {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** A command that mends it, or what to do where none does; null where all is well. */
  readonly fix: string | null
  /** Whose exit code a failure has. */
  readonly kind: ErrorKind | null
}

export const ok = (name: string, message: string): Check => ({ name, state: 'ok', message, fix: null, kind: null })
export const warn = (name: string, message: string, fix: string): Check => ({
  ...ok(name, message),
  state: 'warn',
  fix,
})
export const fail = (name: string, kind: ErrorKind, message: string, fix: string): Check => ({
  ...warn(name, message, fix),
  state: 'fail',
  kind,
})
export const failBy = (name: string, { kind, message, hint }: Refusal): Check =>
  fail(name, kind, message, hint ?? 'keydesk store verify')

/** The name of a variable is taken away by this. */
export const unset = (platform: string, variable: string): string =>
  platform === 'win32' ? `Remove-Item Env:${variable}` : `unset ${variable}`
