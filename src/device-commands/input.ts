/**
 * Input from a person: codes and passwords, typed or from a file.
 * - A password never comes from the command line.
 * - Without a terminal nothing is asked. The error then names the flag that would have given the answer.
 */
import type { Command } from 'commander'
import type { GlobalOptions } from '../console/globals.ts'
import { mayAsk, readSecretLine } from '../console/input.ts'
import type { Context } from '../context.ts'
import type { App } from '../device/app.ts'
import { checkPassword, type PasswordOwner, requirePassword } from '../device/password-rules.ts'
import { noPassword, tooEarly } from '../device/refusals.ts'
import { readStatus } from '../device/status.ts'
import { KeydeskError } from '../errors.ts'

/** Options that every command of `keydesk-device` takes. */
export type AppGlobals = GlobalOptions & { readonly state: string; readonly passwordFile?: string }
/** How a command module adds its commands to the program. */
export type RegisterApp = (program: Command, context: Context, findApp: (options: AppGlobals) => App) => void

/** Asks for a code. Throws `usage` when there is no person to ask; `flag` is the argument to give instead. */
export async function askCode(
  context: Context,
  options: GlobalOptions,
  question: string,
  flag: string,
): Promise<string> {
  requirePerson(context, options, `the ${question.charAt(0).toLowerCase()}${question.slice(1)} is missing`, flag)
  return context.prompt.text(question)
}

/** The current app password, from its file or from a person. */
export async function readPassword(context: Context, options: AppGlobals): Promise<string> {
  const { passwordFile } = options
  if (passwordFile !== undefined) return readSecretLine(context, passwordFile, '--password-file')
  requirePerson(context, options, 'the app is locked, and its password is missing', '--password-file FILE')
  return context.prompt.secret('App password')
}

/**
 * The app password, or null when the app is open and no password was given: then the session opens the app. A password
 * that was given is always tried.
 */
export async function findPassword(context: Context, options: AppGlobals, app: App): Promise<string | null> {
  const { locked } = readStatus(app)
  if (!locked && options.passwordFile === undefined) return null
  refuseHopeless(app)
  return readPassword(context, options)
}

/** Throws before the question when no password can be accepted: none is set, or a wait lasts. */
export function refuseHopeless(app: App): void {
  const { passwordSet, passwordFailures, passwordWaitSeconds } = readStatus(app)
  if (!passwordSet) throw KeydeskError.of(noPassword())
  if (passwordWaitSeconds > 0) throw KeydeskError.of(tooEarly('password', passwordFailures, passwordWaitSeconds))
}

/**
 * A new password from a file. Its rules are checked before anything else happens. Throws `usage` when it breaks one.
 */
export function readNewPasswordFile(context: Context, file: string, flag: string, owner: PasswordOwner): string {
  const password = readSecretLine(context, file, flag)
  requirePassword(password, owner)
  return password
}

/** Asks for a new password twice, and again until it keeps the rules and both are the same. Ctrl-C ends the loop. */
export async function askNewPassword(context: Context, owner: PasswordOwner): Promise<string> {
  for (;;) {
    const password = await context.prompt.secret('New app password')
    const broken = checkPassword(password, owner)
    if (broken === null && (await context.prompt.secret('The same again')) === password) return password
    context.io.err(`${broken ?? 'the two were not the same'}; once more\n`)
  }
}

/**
 * The source of a new password: a file, or a person when `file` is undefined. `flag` is the option that names the file.
 */
export type NewPasswordSource = {
  readonly file: string | undefined
  readonly flag: string
  readonly owner: PasswordOwner
}

/** A new password that keeps the rules. Throws `usage` when there is neither a file nor a person to ask. */
export async function readNewPassword(
  context: Context,
  options: GlobalOptions,
  source: NewPasswordSource,
): Promise<string> {
  const { file, flag, owner } = source
  if (file !== undefined) return readNewPasswordFile(context, file, flag, owner)
  requirePerson(context, options, 'a new app password is needed', `${flag} FILE`)
  return askNewPassword(context, owner)
}

/** Throws `usage`, with the flag in its hint, when there is no person to ask. */
function requirePerson(context: Context, options: GlobalOptions, missing: string, flag: string): void {
  if (!mayAsk(context, options)) throw usage('missing', `${missing}, and there is nobody to ask`, `give it by ${flag}`)
}

function usage(reason: string, message: string, hint?: string): KeydeskError {
  return new KeydeskError('usage', reason, message, hint)
}
