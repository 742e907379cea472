/**
 * `keydesk preferences`: shows and sets the preferences of this workstation. No store, no key and no audit entry is
 * involved.
 */
import type { Command } from 'commander'
import type { GlobalOptions } from '../console/globals.ts'
import { tell } from '../console/input.ts'
import { findPreferenceKey, PREFERENCE_KEYS, type PreferenceKey } from '../console/preference-keys.ts'
import type { Context } from '../context.ts'
import { KeydeskError } from '../errors.ts'
import { printAnswer } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'
import { renderPlain } from '../term/table.ts'
import { preferencesFile, readStored, type Stored } from '../workstation/preferences.ts'
import { changeStored } from '../workstation/preferences-change.ts'

const KEY = 'one that preferences show lists'

export function registerPreferences(noun: Command, context: Context): void {
  const show = noun.command('show').description('show what is set, and what each key means')
  show
    .addHelpText('after', '\nExample:\n  keydesk preferences show')
    .action(() => showPreferences(context, show.optsWithGlobals<GlobalOptions>()))
  const set = noun
    .command('set')
    .argument('<key>', KEY)
    .argument('<value>', 'what it is from now on')
    .description('set one key')
  set
    .addHelpText(
      'after',
      '\nExamples:\n  keydesk preferences set spelling de\n  keydesk preferences set ticket.pattern INC#######',
    )
    .action((key: string, value: string) => setPreference(context, set.optsWithGlobals<GlobalOptions>(), key, value))
  const unset = noun.command('unset').argument('<key>', KEY).description('take one key out again')
  unset
    .addHelpText('after', '\nExample:\n  keydesk preferences unset theme')
    .action((key: string) => unsetPreference(context, unset.optsWithGlobals<GlobalOptions>(), key))
}

async function showPreferences(context: Context, options: GlobalOptions): Promise<void> {
  const stored = readStored(context.places)
  if (stored === null)
    tell(context, options, `${preferencesFile(context.places)} is no preferences file of keydesk: nothing in it counts`)
  const keys = PREFERENCE_KEYS.map((key) => describeKey(key, stored ?? {}))
  const rows = keys.map(({ key, value, standard, meaning, values }) => [
    key,
    value ?? standard,
    `${meaning} (${values})`,
  ])
  await printAnswer(context.io, options, {
    json: keys.map(({ standard, ...each }) => ({ ...each, default: standard })),
    screen: () => (context.io.stdoutIsTerminal ? keys.map(renderKey).join('') : renderPlain(rows)),
  })
}

function describeKey({ key, meaning, values, standard, allows }: PreferenceKey, stored: Stored) {
  const value = stored[key]
  return { key, value: value !== undefined && allows(value) ? value : null, standard, values, meaning }
}

/** Two lines per key: all keys fit on a screen of 24 lines. */
function renderKey({ key, value, values, meaning, standard }: ReturnType<typeof describeKey>): string {
  const now = value === null ? `not set, ${standard}` : escapeText(value)
  return `${key} = ${now}   (${values})\n  ${meaning}\n`
}

async function setPreference(context: Context, options: GlobalOptions, name: string, value: string): Promise<void> {
  const { key, allows, values, help = values } = requireKey(name)
  if (!allows(value)) throw new KeydeskError('usage', 'bad-value', `${key} cannot be that`, `it can be: ${help}`)
  await changeStored(context.places, context.random, (stored) => ({ ...stored, [key]: value }))
  await printAnswer(context.io, options, {
    json: { key, value },
    screen: () => `${key} is ${value} on this workstation.\n`,
  })
}

async function unsetPreference(context: Context, options: GlobalOptions, name: string): Promise<void> {
  const { key, standard } = requireKey(name)
  await changeStored(context.places, context.random, ({ [key]: _, ...rest }) => rest)
  await printAnswer(context.io, options, {
    json: { key, value: null },
    screen: () => `${key} is not set any more: ${standard}.\n`,
  })
}

function requireKey(name: string): PreferenceKey {
  const key = findPreferenceKey(name)
  if (key !== undefined) return key
  const known = PREFERENCE_KEYS.map((each) => each.key).join(', ')
  throw new KeydeskError('usage', 'no-such-key', 'there is no such preference', `there are ${known}`)
}
