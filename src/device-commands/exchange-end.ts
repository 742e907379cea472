/**
 * The end of an exchange after a right code or PIN. The code or PIN is then used up, so there is no way back.
 * A user who sets no new password is told that the app stays locked, and sees the reset code to read out next.
 */
import { mayAsk, tell } from '../console/input.ts'
import type { Context } from '../context.ts'
import type { App } from '../device/app.ts'
import { type Accepted, finishReset, forgetPassword } from '../device/exchange.ts'
import { isLastEpoch } from '../device/lock.ts'
import type { PasswordOwner } from '../device/password-rules.ts'
import type { StoredState } from '../device/state.ts'
import { KeydeskError } from '../errors.ts'
import { printAnswer } from '../term/answer.ts'
import { type AppGlobals, askNewPassword } from './input.ts'

export const ENROL_ANEW =
  'This device has used up its reset codes: have the helpdesk enrol it anew, after this call at the latest.'

/**
 * The kind of secret that was right, its result, and the new password. `given` is null while the password is unknown.
 */
export type Ending = {
  readonly what: 'code' | 'PIN'
  readonly accepted: Accepted
  readonly given: string | null
  readonly owner: PasswordOwner
}

/**
 * Sets the new password, given or asked for. Without one it prints that the app stays locked, and the next reset code.
 */
export async function endExchange(context: Context, options: AppGlobals, app: App, ending: Ending): Promise<void> {
  const { what, accepted, given } = ending
  const password = given ?? (mayAsk(context, options) ? await askOrStayLocked(context, ending) : null)
  if (password === null) return printStopped(context, options, app, what)
  await printOpened(context, options, finishReset(app, accepted, password), what)
}

/** Asks for the new password. After Ctrl-C the code or PIN is used up all the same. */
async function askOrStayLocked(context: Context, { what, owner }: Ending): Promise<string> {
  try {
    return await askNewPassword(context, owner)
  } catch (error) {
    if (!(error instanceof KeydeskError) || error.refusal.kind !== 'cancelled') throw error
    const hint = `the ${what} is spent; begin again with the new reset code: keydesk-device forgot`
    throw new KeydeskError('cancelled', 'cancelled', 'no new password was set: the app stays locked', hint)
  }
}

/** Prints the next reset code, and marks it as shown. */
async function printStopped(context: Context, options: AppGlobals, app: App, what: Ending['what']): Promise<void> {
  const state = forgetPassword(app)
  await printAnswer(context.io, options, {
    json: { accepted: true, opened: false, ...describeCodes(state) },
    screen: () =>
      `The ${what} was right. No new password was set: the app stays locked, and this is its new reset code.\n${renderCodes(state)}`,
  })
  if (isLastEpoch(state)) tell(context, options, ENROL_ANEW)
}

async function printOpened(
  context: Context,
  options: AppGlobals,
  state: StoredState,
  what: Ending['what'],
): Promise<void> {
  await printAnswer(context.io, options, {
    json: { accepted: true, opened: true, epoch: state.epoch, enrolAnew: isLastEpoch(state) },
    screen: () => `The ${what} was right and the new password is set. The app is open.\n`,
  })
  if (isLastEpoch(state)) tell(context, options, ENROL_ANEW)
}

export function describeCodes(state: StoredState): Record<string, unknown> {
  const { resetCode, deskWords, epoch } = state
  return { resetCode, deskWords, epoch, enrolAnew: isLastEpoch(state) }
}

export function renderCodes({ resetCode, deskWords }: StoredState): string {
  return `Reset code  ${resetCode}\nDesk words  ${deskWords.join(' ')}\n`
}
