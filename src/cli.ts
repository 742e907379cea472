/**
 * The program `keydesk`: its nouns, and what every command shares. A noun's module is loaded only when the command line
 * names it, so that a command costs what it uses.
 */
import type { Command } from 'commander'
import type { Context } from './context.ts'
import { createProgram, runProgram } from './program.ts'
import { VERSION } from './version.ts'

/** What a noun's module adds to its command: verbs, options, actions. */
export type Register = (noun: Command, context: Context) => void
type Noun = { readonly name: string; readonly summary: string; readonly load: () => Promise<Register> }

const DESCRIPTION = 'The helpdesk’s half of a reset by telephone: a code in, a code out, on record.'
const FIRST_STEPS = `
First steps:
  keydesk init --org "Röntgen AG" --operator anna
  keydesk unlock
  keydesk device invite --user zoe@example.ch --platform ios

A call:
  keydesk reset confirm NBAJN-00737-8YWXP --verified-by callback`

const NOUNS: readonly Noun[] = [
  {
    name: 'init',
    summary: 'create a store and its first administrator',
    load: async () => (await import('./commands/init.ts')).registerInit,
  },
  {
    name: 'unlock',
    summary: 'keep your keys in the agent for a while',
    load: async () => (await import('./commands/unlock.ts')).registerUnlock,
  },
  {
    name: 'lock',
    summary: 'make the agent forget your keys',
    load: async () => (await import('./commands/unlock.ts')).registerLock,
  },
  {
    name: 'status',
    summary: 'show store, operator, and whether they are unlocked',
    load: async () => (await import('./commands/unlock.ts')).registerStatus,
  },
  {
    name: 'device',
    summary: 'invite, list, show, block and retire devices',
    load: async () => (await import('./commands/device.ts')).registerDevice,
  },
  {
    name: 'user',
    summary: 'add, list and remove users, and grant them what policy allows',
    load: async () => (await import('./commands/user.ts')).registerUser,
  },
  {
    name: 'pin',
    summary: 'issue a one-time PIN, and check one that a caller reads out',
    load: async () => (await import('./commands/pin.ts')).registerPin,
  },
  {
    name: 'call',
    summary: 'guide you through a call, one screen at a time',
    load: async () => (await import('./commands/call.ts')).registerCall,
  },
  {
    name: 'reset',
    summary: 'check and confirm the reset code of a locked app',
    load: async () => (await import('./commands/reset.ts')).registerReset,
  },
  {
    name: 'operator',
    summary: 'add, list and remove those who act here, and their roles',
    load: async () => (await import('./commands/operator.ts')).registerOperator,
  },
  {
    name: 'policy',
    summary: 'show and set what the organisation demands',
    load: async () => (await import('./commands/policy.ts')).registerPolicy,
  },
  {
    name: 'mail',
    summary: 'word the mails of the organisation, and send a draft',
    load: async () => (await import('./commands/mail.ts')).registerMail,
  },
  {
    name: 'preferences',
    summary: 'what this workstation prefers: colours, spelling, tickets, mail',
    load: async () => (await import('./commands/preferences.ts')).registerPreferences,
  },
  {
    name: 'totp',
    summary: 'set up authenticator apps, and verify callers by them',
    load: async () => (await import('./commands/totp.ts')).registerTotp,
  },
  {
    name: 'audit',
    summary: 'read, prove and export the record of who did what',
    load: async () => (await import('./commands/audit.ts')).registerAudit,
  },
  {
    name: 'store',
    summary: 'look at the store, verify it, back it up, put a backup back',
    load: async () => (await import('./commands/store.ts')).registerStore,
  },
  {
    name: 'completion',
    summary: 'print what makes a shell complete commands, devices and users',
    load: async () => (await import('./commands/completion.ts')).registerCompletion,
  },
  {
    name: 'doctor',
    summary: 'look at all that keydesk stands on, and say how to mend it',
    load: async () => (await import('./commands/doctor.ts')).registerDoctor,
  },
]

/** The program with those of its nouns that are wanted; the others have a name and a summary. */
export async function openProgram(context: Context, isWanted: (noun: string) => boolean): Promise<Command> {
  const program = createProgram('keydesk', DESCRIPTION, VERSION, context)
    .option('--store <path>', 'the store to use (KEYDESK_STORE)')
    .option('--operator <name>', 'the operator to act as (KEYDESK_OPERATOR)')
    .option('--passphrase-file <file>', 'read the passphrase from a file, - is stdin (KEYDESK_PASSPHRASE_FILE)')
    .addHelpText('after', FIRST_STEPS)
  for (const { name, summary, load } of NOUNS) {
    const noun = program.command(name).description(summary)
    if (isWanted(name)) (await load())(noun, context)
  }
  return program
}

/** Runs one command line of `keydesk`; resolves to its exit code. */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  // A word of the command line that only looks like a noun costs a load, and nothing else.
  const program = await openProgram(context, (noun) => argv.includes(noun))
  return runProgram(program, argv, context)
}
