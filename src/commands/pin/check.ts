/**
 * `keydesk pin check`: lists each prerequisite as met or missing, with the command that would meet it. Issues nothing.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { choice } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import type { PinAudience } from '../../crypto/pin.ts'
import { listPrerequisites, type Prerequisite } from '../../desk/pin/prerequisites.ts'
import type { Device } from '../../desk/records/index.ts'
import { resolveDeviceOf, resolveUser } from '../../operations/user-name.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'

export type OfDevice = DeskGlobals & { readonly device?: string }
type CheckOptions = OfDevice & { readonly for: PinAudience }

/** Options that several `pin` commands share. */
export const WHICH_DEVICE = ['--device <device>', 'which of their devices'] as const
export const forWhom = () =>
  choice('--for <audience>', 'who will check it: the app, or you when it is read out', ['device', 'desk']).default(
    'device',
  )

export function registerCheck(command: Command, context: Context): void {
  command
    .option(...WHICH_DEVICE)
    .addOption(forWhom())
    .addHelpText('after', '\nExample:\n  keydesk pin check zoe@example.ch')
    .action((user: string) => checkPin(context, command.optsWithGlobals<CheckOptions>(), user))
}

async function checkPin(context: Context, options: CheckOptions, name: string): Promise<void> {
  const { device, prerequisites } = await withDesk(context, options, (desk) =>
    desk.read(async (records) => {
      const user = await resolveUser(records, name)
      const found = await resolveDeviceOf(records, user, options.device)
      const policy = records.policy
      return { device: found, prerequisites: listPrerequisites(user, found, options.for, policy) }
    }),
  )
  const { deviceId, tag, user } = device
  const ready = prerequisites.every(({ met }) => met)
  await printAnswer(context.io, options, {
    json: { user, deviceId, tag, for: options.for, ready, prerequisites },
    screen: () => `${renderHeading(device, ready)}\n${renderPrerequisites(prerequisites)}`,
  })
}

const renderHeading = ({ name, user }: Device, ready: boolean): string =>
  `${escapeText(`${name} of ${user}`)}: ${ready ? 'a PIN can be issued' : 'no PIN can be issued'}`

/** `met` or `MISSING` before each prerequisite. The command that would meet it is on the next line. */
export function renderPrerequisites(prerequisites: readonly Prerequisite[]): string {
  return prerequisites
    .map(({ name, met, hint }) => `  ${met ? 'met    ' : 'MISSING'}  ${name}\n${met ? '' : `           ${hint}\n`}`)
    .join('')
}
