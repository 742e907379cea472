/** `keydesk-device status`: prints what anyone who holds the device may know. */
import { numberToSymbols, writeSymbols } from '../crypto/spoken.ts'
import { describeWait } from '../device/refusals.ts'
import { readStatus, type Status } from '../device/status.ts'
import { printAnswer } from '../term/answer.ts'
import { renderFields } from '../term/table.ts'
import type { AppGlobals, RegisterApp } from './input.ts'

export const registerStatus: RegisterApp = (program, context, findApp) => {
  program
    .command('status')
    .description('show who the device is, and whether it is locked')
    .addHelpText(
      'after',
      '\nWhile the app is open, a file in its directory stands in for its memory and holds its key; lock removes it.',
    )
    .action(async (_options, command) => {
      const options: AppGlobals = command.optsWithGlobals()
      const status = readStatus(findApp(options))
      await printAnswer(context.io, options, { json: status, screen: () => renderStatus(status) })
    })
}

function renderStatus(status: Status): string {
  return renderFields([
    ['Organisation', status.organisation],
    ['User', status.user],
    ['Device', `${status.deviceId}, tag ${writeSymbols(numberToSymbols(status.tag, 5))}`],
    ['Lock', describeLock(status)],
    [
      'Password',
      describeTries(
        status.passwordSet ? 'set' : 'none: only the helpdesk can open the app now',
        status.passwordFailures,
        status.passwordWaitSeconds,
      ),
    ],
    [
      'Reset code',
      describeTries(status.resetShown ? 'shown' : 'not shown', status.codeFailures, status.codeWaitSeconds),
    ],
    [
      'Epoch',
      status.enrolAnew ? `${status.epoch}, the last one: have the helpdesk enrol it anew` : String(status.epoch),
    ],
    ['PIN way', describePinWay(status)],
  ])
}

function describeLock({ locked, settings }: Status): string {
  if (locked) return 'locked'
  return `open, ${settings} settings; the file "session" stands in for the app's memory until it is locked`
}

function describePinWay({ pinAllowed, pinFailures, pinClosed }: Status): string {
  if (!pinAllowed) return 'not allowed'
  if (pinClosed) return 'closed after five wrong PINs, until a full reset exchange'
  const open = 'allowed by the invitation; the file "keystore" stands in for the platform’s'
  return pinFailures === 0 ? open : `${open}; ${pinFailures} wrong`
}

function describeTries(state: string, failures: number, waitSeconds: number): string {
  const wait = waitSeconds === 0 ? '' : `, the next try is heard in ${describeWait(waitSeconds)}`
  return failures === 0 ? state : `${state}; ${failures} wrong in a row${wait}`
}
