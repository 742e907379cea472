/**
 * The table of nouns of `keydesk`, grouped by purpose. It holds names and summaries only. A noun's module is loaded
 * when the command line names the noun.
 */
import type { Command } from 'commander'
import type { Context } from '../context.ts'

/** Adds the verbs, options and actions of a noun to its command. Each noun's module exports one such function. */
export type Register = (noun: Command, context: Context) => void
type Noun = {
  readonly name: string
  readonly group: string
  readonly summary: string
  readonly load: () => Promise<Register>
}

/** The headings under which the help lists the nouns. */
const CALLS = 'A call:'
const FLEET = 'Devices and their users:'
const DESK = 'The desk:'
const WORKSTATION = 'This workstation:'

export const NOUNS: readonly Noun[] = [
  {
    name: 'call',
    group: CALLS,
    summary: 'guide you through a call, one screen at a time',
    load: async () => (await import('../commands/call/index.ts')).registerCall,
  },
  {
    name: 'reset',
    group: CALLS,
    summary: 'check and confirm the reset code of a locked app',
    load: async () => (await import('../commands/reset/index.ts')).registerReset,
  },
  {
    name: 'totp',
    group: CALLS,
    summary: 'set up authenticator apps, and verify callers by them',
    load: async () => (await import('../commands/totp/index.ts')).registerTotp,
  },
  {
    name: 'pin',
    group: CALLS,
    summary: 'issue a one-time PIN, and check one that a caller reads out',
    load: async () => (await import('../commands/pin/index.ts')).registerPin,
  },
  {
    name: 'device',
    group: FLEET,
    summary: 'invite, import, list, show, block and retire devices',
    load: async () => (await import('../commands/device/index.ts')).registerDevice,
  },
  {
    name: 'user',
    group: FLEET,
    summary: 'add, list and remove users, and grant them what policy allows',
    load: async () => (await import('../commands/user/index.ts')).registerUser,
  },
  {
    name: 'init',
    group: DESK,
    summary: 'create a store and its first administrator',
    load: async () => (await import('../commands/init.ts')).registerInit,
  },
  {
    name: 'operator',
    group: DESK,
    summary: 'add, list and remove those who act here, and their roles',
    load: async () => (await import('../commands/operator/index.ts')).registerOperator,
  },
  {
    name: 'policy',
    group: DESK,
    summary: 'show and set what the organisation demands',
    load: async () => (await import('../commands/policy.ts')).registerPolicy,
  },
  {
    name: 'mail',
    group: DESK,
    summary: 'word the mails of the organisation, and send a draft',
    load: async () => (await import('../commands/mail/index.ts')).registerMail,
  },
  {
    name: 'audit',
    group: DESK,
    summary: 'read, prove and export the record of who did what',
    load: async () => (await import('../commands/audit/index.ts')).registerAudit,
  },
  {
    name: 'store',
    group: DESK,
    summary: 'look at the store, verify it, back it up, put a backup back',
    load: async () => (await import('../commands/store/index.ts')).registerStore,
  },
  {
    name: 'unlock',
    group: WORKSTATION,
    summary: 'keep your keys in the agent for a while',
    load: async () => (await import('../commands/unlock.ts')).registerUnlock,
  },
  {
    name: 'lock',
    group: WORKSTATION,
    summary: 'make the agent forget your keys',
    load: async () => (await import('../commands/lock.ts')).registerLock,
  },
  {
    name: 'status',
    group: WORKSTATION,
    summary: 'show store, operator, and whether they are unlocked',
    load: async () => (await import('../commands/status.ts')).registerStatus,
  },
  {
    name: 'preferences',
    group: WORKSTATION,
    summary: 'what this workstation prefers: colours, spelling, tickets, mail',
    load: async () => (await import('../commands/preferences.ts')).registerPreferences,
  },
  {
    name: 'completion',
    group: WORKSTATION,
    summary: 'print what makes a shell complete commands, devices and users',
    load: async () => (await import('../commands/completion.ts')).registerCompletion,
  },
  {
    name: 'doctor',
    group: WORKSTATION,
    summary: 'look at all that keydesk stands on, and say how to mend it',
    load: async () => (await import('../commands/doctor/index.ts')).registerDoctor,
  },
]
