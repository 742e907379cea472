/**
 * `keydesk-device get`, `put`, `list`: read and write the encrypted settings, with the password or while the app is
 * open.
 */
import { readArgument, refuseSharedStdin } from '../console/input.ts'
import type { Context } from '../context.ts'
import type { App } from '../device/app.ts'
import { readSetting, readSettings, writeSetting } from '../device/settings-access.ts'
import { printAnswer, printNdjson } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'
import { type AppGlobals, findPassword, type RegisterApp } from './input.ts'

type ListOptions = AppGlobals & { readonly ndjson?: boolean }

export const registerSettings: RegisterApp = (program, context, findApp) => {
  program
    .command('get')
    .description('print one setting')
    .argument('<key>')
    .action(async (key: string, _options, command) =>
      get(context, command.optsWithGlobals(), findApp(command.optsWithGlobals()), key),
    )
  program
    .command('put')
    .description('store one setting, encrypted')
    .argument('<key>')
    .argument('<value>', 'text, or - for stdin')
    .addHelpText('after', '\nA value on the command line can be seen by other users while the command runs; - cannot.')
    .action(async (key: string, value: string, _options, command) =>
      put(context, command.optsWithGlobals(), findApp(command.optsWithGlobals()), key, value),
    )
  program
    .command('list')
    .description('list the keys of all settings')
    .option('--ndjson', 'one JSON document a line')
    .action(async (_options, command) => list(context, command.optsWithGlobals(), findApp(command.optsWithGlobals())))
}

async function get(context: Context, options: AppGlobals, app: App, key: string): Promise<void> {
  const value = readSetting(app, key, await findPassword(context, options, app))
  await printAnswer(context.io, options, { json: { key, value }, value, screen: () => `${escapeText(value)}\n` })
}

async function put(context: Context, options: AppGlobals, app: App, key: string, argument: string): Promise<void> {
  refuseSharedStdin({ VALUE: argument, '--password-file': options.passwordFile })
  const password = await findPassword(context, options, app)
  // The newline that `echo` adds is not part of the value.
  const value = argument === '-' ? readArgument(context, argument).replace(/\r?\n$/, '') : argument
  writeSetting(app, key, value, password)
  await printAnswer(context.io, options, { json: { key, stored: true }, screen: () => `Stored ${escapeText(key)}.\n` })
}

async function list(context: Context, options: ListOptions, app: App): Promise<void> {
  const settings = readSettings(app, await findPassword(context, options, app))
  const rows = [...settings].map(([key, value]) => ({ key, bytes: Buffer.byteLength(value) }))
  if (options.ndjson === true) return printNdjson(context.io, rows)
  await printAnswer(context.io, options, {
    json: rows,
    screen: () => rows.map(({ key }) => `${escapeText(key)}\n`).join(''),
  })
}
