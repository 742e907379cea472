/**
 * `keydesk device policy`: shows the policy of one device, with the source and the meaning of each value. It also sets
 * a value for this device alone; `inherit` returns to the value of the organisation.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { DEVICE_WORDS } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { decideOwnPolicy, type OwnValue } from '../../desk/policy.ts'
import type { Device } from '../../desk/records/index.ts'
import {
  describePolicyKind,
  findPolicyField,
  formatPolicyValue,
  POLICY_FIELDS,
  type PolicyField,
  parsePolicyValue,
  policyFor,
} from '../../desk/records/inherited-policy.ts'
import type { Policy } from '../../desk/records/policy.ts'
import { KeydeskError } from '../../errors.ts'
import { resolveDevice } from '../../operations/device-name.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { renderPlain } from '../../term/table.ts'

const INHERIT = 'inherit'
const KEYS = POLICY_FIELDS.map((field) => `  ${field.key.padEnd(29)}${describePolicyKind(field)}`).join('\n')

export function registerPolicy(command: Command, context: Context): void {
  command
    .argument('<device>', DEVICE_WORDS)
    .argument('[key]', 'what to set; without it, all is shown')
    .argument('[value]', `its value for this device, or ${INHERIT}`)
    .addHelpText('after', `\nKeys, and their values:\n${KEYS}\n\nExample:\n  keydesk device policy zoe licence.docs on`)
    .action((device: string, key?: string, value?: string) => {
      const options = command.optsWithGlobals<DeskGlobals>()
      return key === undefined
        ? showPolicy(context, options, device)
        : setPolicy(context, options, device, readValue(key, value))
    })
}

function readValue(key: string, text: string | undefined): OwnValue {
  const field = findPolicyField(key)
  if (field === null) {
    const hint = `there are ${POLICY_FIELDS.map((each) => each.key).join(', ')}`
    throw new KeydeskError('usage', 'no-policy-key', `policy has no key ${key} for a device`, hint)
  }
  const value = text === undefined || text === INHERIT ? null : parsePolicyValue(field, text)
  if (value !== null || text === INHERIT) return { key: field.key, value }
  const hint = `give ${describePolicyKind(field)}, or ${INHERIT}`
  throw new KeydeskError('usage', 'bad-policy-value', `${field.key} needs a value of its kind`, hint)
}

async function setPolicy(context: Context, options: DeskGlobals, name: string, given: OwnValue): Promise<void> {
  const { answer, seq, policy } = await withDesk(context, options, async (desk) => {
    const { deviceId } = await desk.read((records) => resolveDevice(records, name))
    const committed = await desk.commit(async (records, now) =>
      decideOwnPolicy(await resolveDevice(records, deviceId), given, { now, operator: desk.me }),
    )
    return { ...committed, policy: await desk.read(async (records) => records.policy) }
  })
  const { key } = given
  const value = policyFor(policy, answer)[key]
  const from = sourceOf(answer, key)
  await printAnswer(context.io, options, {
    json: { deviceId: answer.deviceId, key, value, from, auditSeq: seq },
    screen: () =>
      `${key} is ${formatPolicyValue(value)} for ${escapeText(`${answer.name} of ${answer.user}`)} (${from}).\n`,
  })
}

async function showPolicy(context: Context, options: DeskGlobals, name: string): Promise<void> {
  const { device, policy } = await withDesk(context, options, (desk) =>
    desk.read(async (records) => {
      const found = await resolveDevice(records, name)
      return { device: found, policy: policyFor(records.policy, found) }
    }),
  )
  const json = POLICY_FIELDS.map(({ key, sentence }) => ({
    ...{ key, value: policy[key], from: sourceOf(device, key), meaning: sentence },
  }))
  await printAnswer(context.io, options, { json, screen: () => renderPolicy(context, device, policy) })
}

const sourceOf = ({ ownPolicy }: Device, key: PolicyField['key']): string =>
  ownPolicy[key] === undefined ? 'organisation' : 'device'

function renderPolicy({ io }: Context, device: Device, policy: Policy): string {
  const rows = POLICY_FIELDS.map(({ key, sentence }): [string, string, string, string] => {
    return [key, formatPolicyValue(policy[key]), sourceOf(device, key), sentence]
  })
  if (!io.stdoutIsTerminal) return renderPlain(rows)
  return rows.map(([key, value, from, sentence]) => `${key} = ${value}, from the ${from}\n  ${sentence}\n`).join('')
}
