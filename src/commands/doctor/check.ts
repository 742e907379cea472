/** One result of `doctor`: its state, a sentence, and the command that fixes it. */
import type { ErrorKind, Refusal } from '../../errors.ts'

export type Check = {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** The command that fixes it, or an instruction if no command does. Null if the state is ok. */
  readonly fix: string | null
  /** The kind of error, which gives a failure its exit code. */
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

/** The command that unsets a variable. */
export const unset = (platform: string, variable: string): string =>
  platform === 'win32' ? `Remove-Item Env:${variable}` : `unset ${variable}`
