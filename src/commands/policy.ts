/**
 * `keydesk policy`: shows and sets the policy of the organisation. Only an admin can set a key. The new policy is
 * signed and has an audit entry.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import { decideSetPolicy } from '../desk/policy.ts'
import { DEFAULT_POLICY, findPolicyKey, POLICY_KEYS, type Policy, type PolicyKey } from '../desk/records/policy.ts'
import { KeydeskError } from '../errors.ts'
import { withDesk } from '../session/open.ts'
import { printAnswer } from '../term/answer.ts'
import { renderPlain } from '../term/table.ts'

export function registerPolicy(noun: Command, context: Context): void {
  const show = noun.command('show').description('show what is in force, and what each key means')
  show
    .addHelpText('after', '\nExample:\n  keydesk policy show')
    .action(() => showPolicy(context, show.optsWithGlobals<DeskGlobals>()))
  const set = noun
    .command('set')
    .argument('<key>', 'one that policy show lists')
    .argument('<value>', 'what it is from now on')
    .description('set one key (admin)')
  set
    .addHelpText('after', '\nExample:\n  keydesk policy set caller.verification required')
    .action((key: string, value: string) => setPolicy(context, set.optsWithGlobals<DeskGlobals>(), key, value))
}

async function showPolicy(context: Context, options: DeskGlobals): Promise<void> {
  const policy = await withDesk(context, options, (desk) => desk.read(async (records) => records.policy))
  const keys = POLICY_KEYS.map((key) => describeKey(key, policy))
  const rows = keys.map(({ key, value, meaning, values }) => [key, value, `${meaning} (${values})`])
  await printAnswer(context.io, options, {
    json: keys,
    screen: () => (context.io.stdoutIsTerminal ? renderKeys(keys) : renderPlain(rows)),
  })
}

function describeKey({ key, read, meaning, values }: PolicyKey, policy: Policy) {
  return { key, value: read(policy), default: read(DEFAULT_POLICY), values, meaning }
}

/** Two lines per key, because the sentence is too long for one line. */
function renderKeys(keys: readonly ReturnType<typeof describeKey>[]): string {
  const lines = keys.map(({ key, value, values, meaning, ...rest }) => {
    const standard = value === rest.default ? 'the default' : `default ${rest.default}`
    return `${key} = ${value}   (${standard}; ${values})\n  ${meaning}\n`
  })
  return lines.join('')
}

async function setPolicy(context: Context, options: DeskGlobals, name: string, value: string): Promise<void> {
  const key = findPolicyKey(name) ?? unknownKey()
  const { answer, seq } = await withDesk(context, options, (desk) =>
    desk.commit(async (records, now) => {
      const account = await records.totpAccount(desk.me.operatorId)
      const circumstances = { now, operator: desk.me }
      return decideSetPolicy(records.policy, key, value, circumstances, account?.state === 'active')
    }),
  )
  const set = key.read(answer)
  await printAnswer(context.io, options, {
    json: { key: key.key, value: set, auditSeq: seq },
    screen: () => `${key.key} is ${set} from now on.\n`,
  })
}

function unknownKey(): never {
  const keys = POLICY_KEYS.map(({ key }) => key).join(', ')
  throw new KeydeskError('usage', 'no-such-key', 'policy has no such key', `there are ${keys}`)
}
