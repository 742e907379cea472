/**
 * `keydesk device block`, `unblock` and `retire`: change the state of one device. Only `retire` cannot be undone, so
 * only `retire` asks first.
 */
import type { Command } from 'commander'
import { confirmOr } from '../../console/consent.ts'
import type { DeskGlobals } from '../../console/globals.ts'
import { DEVICE_WORDS } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import type { Circumstances, Decision } from '../../desk/decision.ts'
import { decideBlock, decideRetire, decideUnblock } from '../../desk/device/decide.ts'
import type { Device } from '../../desk/records/index.ts'
import { resolveDevice } from '../../operations/device-name.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { checkName, escapeText } from '../../term/escape.ts'
import { deviceJson } from './json.ts'

type ChangeOptions = DeskGlobals & { readonly reason?: string; readonly yes?: boolean }

type Change = {
  readonly done: string
  /** The question before a change that cannot be undone. Null for other changes. */
  readonly question: ((device: Device) => string) | null
  readonly decide: (device: Device, reason: string | null, circumstances: Circumstances) => Decision<Device>
}

const BLOCK: Change = { done: 'Blocked', question: null, decide: decideBlock }
const UNBLOCK: Change = {
  done: 'Unblocked',
  question: null,
  decide: (device, _, circumstances) => decideUnblock(device, circumstances),
}
const RETIRE: Change = {
  done: 'Retired',
  question: ({ name, user }) => `Retire ${name} of ${user} for good? No code of it will be accepted again.`,
  decide: (device, _, circumstances) => decideRetire(device, circumstances),
}

export function registerChanges(noun: Command, context: Context): void {
  const block = noun.command('block').argument('<device>', DEVICE_WORDS).description('close a device to resets')
  block.option('--reason <text>', 'why, for the record and for whoever meets it next')
  registerChange(block, context, BLOCK, 'keydesk device block NBAJN --reason "reported stolen"')
  const unblock = noun
    .command('unblock')
    .argument('<device>', DEVICE_WORDS)
    .description('open a blocked device again (admin)')
  registerChange(unblock, context, UNBLOCK, 'keydesk device unblock NBAJN')
  const retire = noun.command('retire').argument('<device>', DEVICE_WORDS).description('end a device for good')
  registerChange(retire.option('-y, --yes', 'do not ask'), context, RETIRE, 'keydesk device retire NBAJN --yes')
}

function registerChange(command: Command, context: Context, change: Change, example: string): void {
  command
    .addHelpText('after', `\nExample:\n  ${example}`)
    .action((name: string) => changeDevice(context, command.optsWithGlobals<ChangeOptions>(), name, change))
}

async function changeDevice(context: Context, options: ChangeOptions, name: string, change: Change): Promise<void> {
  const { done, question, decide } = change
  const reason = options.reason === undefined ? null : checkName(options.reason, 'reason')
  const { answer, seq } = await withDesk(context, options, async (desk) => {
    const device = await desk.read((records) => resolveDevice(records, name))
    if (question !== null) await confirmOr(context, options, question(device))
    // Reads the device again: another operator may have changed it during the question.
    return desk.commit(async (records, now) =>
      decide(await resolveDevice(records, device.deviceId), reason, { now, operator: desk.me }),
    )
  })
  await printAnswer(context.io, options, {
    json: { ...deviceJson(answer), auditSeq: seq },
    screen: () => `${done} ${escapeText(`${answer.name} of ${answer.user}`)}.\n`,
  })
}
