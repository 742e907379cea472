/**
 * `keydesk totp activate`, `verify` and `resync`: check codes of an authenticator app. Each answer reports how far the
 * clock of the app is off (§9).
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import type { Circumstances, Decision } from '../../desk/decision.ts'
import type { HeldTotp } from '../../desk/totp/codes.ts'
import type { CodeAnswer, TotpOwner } from '../../desk/totp/decide.ts'
import { readHeld, resolveOwner } from '../../operations/totp.ts'
import { hearTotp, hearTwoTotps, splitUser } from '../../session/app-code.ts'
import { openSession, withDesk } from '../../session/open.ts'
import type { Committed } from '../../store/desk.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'

const SPACES = 'CODE may have spaces in it; - reads it from stdin.'
const WORDS = ['[user-and-code...]', 'USER, and then CODE as it is heard'] as const

type CodeOptions = DeskGlobals & { readonly self?: boolean }

export function registerCodes(noun: Command, context: Context): void {
  const add = (verb: string, description: string, example: string, run: typeof verify) => {
    const command = noun.command(verb).description(description)
    if (run !== verify) command.option('--self', 'your own app, which unlock asks for')
    command
      .argument(...WORDS)
      .addHelpText('after', `\n${SPACES}\n\nExample:\n  keydesk totp ${verb} ${example}`)
      .action((words: string[]) => run(context, command.optsWithGlobals<CodeOptions>(), words))
  }
  add('activate', 'put an app in force, by its first code', 'zoe@example.ch 123456', activate)
  add('verify', 'verify a caller by one code', 'zoe@example.ch 123 456', verify)
  add('resync', 'find the clock of an app again, by two codes in a row', 'zoe@example.ch 123456 654321', resync)
}

async function activate(context: Context, options: CodeOptions, words: readonly string[]): Promise<void> {
  const { user, words: rest } = splitUser(words, options)
  const code = await hearTotp(context, options, rest)
  const { decideActivate } = await import('../../desk/totp/decide.ts')
  const done = await commitCodes(context, options, user, (owner, held, now) => decideActivate(owner, held, code, now))
  await report(context, options, done, (name) => `The app of ${name} is in force.`)
}

/** Performed by the agent, because a caller is waiting. */
async function verify(context: Context, options: CodeOptions, words: readonly string[]): Promise<void> {
  const { user, words: rest } = splitUser(words, options)
  const code = await hearTotp(context, options, rest)
  const { perform } = openSession(context, options)
  await report(
    context,
    options,
    await perform('totp.verify', { user: user ?? '', code }),
    (name) => `${name} is verified.`,
  )
}

async function resync(context: Context, options: CodeOptions, words: readonly string[]): Promise<void> {
  const { user, words: rest } = splitUser(words, options)
  const codes = await hearTwoTotps(context, options, rest)
  const { decideResync } = await import('../../desk/totp/decide.ts')
  const done = await commitCodes(context, options, user, (owner, held, now) => decideResync(owner, held, codes, now))
  await report(context, options, done, (name) => `The app of ${name} is in step again.`)
}

type Decide = (owner: TotpOwner, held: HeldTotp | null, circumstances: Circumstances) => Decision<CodeAnswer>

function commitCodes(context: Context, options: DeskGlobals, user: string | null, decide: Decide) {
  return withDesk(context, options, (desk) =>
    desk.commit(async (records, now) => {
      const owner = await resolveOwner(desk, records, user)
      return decide(owner, await readHeld(records, owner), { now, operator: desk.me })
    }),
  )
}

async function report(
  context: Context,
  options: DeskGlobals,
  { answer, seq }: Committed<CodeAnswer>,
  say: (name: string) => string,
): Promise<void> {
  const { account, stepsOff } = answer
  const { name, state } = account
  const off =
    stepsOff === 0 ? '' : ` Its clock is ${Math.abs(stepsOff) * 30} s ${stepsOff > 0 ? 'ahead of' : 'behind'} ours.`
  await printAnswer(context.io, options, {
    json: { valid: true, stepsOff, user: name, state, auditSeq: seq },
    screen: () => `${say(escapeText(name))}${off}\n`,
  })
}
