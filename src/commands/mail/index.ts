/** `keydesk mail`: the commands that set the organisation's wordings and send a draft. */
import type { Command } from 'commander'
import { choice } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { PLACEHOLDERS } from '../../desk/mail/template.ts'
import { MAIL_KINDS, MAIL_LANGUAGES } from '../../desk/records/mail-kinds.ts'
import { type SendOptions, sendDraft } from './send.ts'
import { resetTemplate, setTemplate, showTemplate, type TemplateOptions } from './template.ts'

const KIND = `which mail: ${MAIL_KINDS.join(', ')}`
const KINDS = MAIL_KINDS.map((kind) => {
  const { subject, others } = PLACEHOLDERS[kind]
  const more = others.map((name) => `{{${name}}}`).join(' ')
  return `  ${kind.padEnd(12)}{{${subject}}}, which it must hold;\n${' '.repeat(14)}${more}`
})
const KIND_HELP = `\nKinds, and what is filled into each:\n${KINDS.join('\n')}\n`
const SEND_HELP = `
The server is named by preferences: smtp.host, smtp.from, and smtp.user where it
asks for one. Nothing else that keydesk does goes over a network.

Example:
  keydesk mail send zoe.eml`

export function registerMail(noun: Command, context: Context): void {
  const template = noun.command('template').description('how the organisation words its mails')
  const show = template.command('show').argument('<kind>', KIND).description('print the wording in force')
  const set = template
    .command('set')
    .argument('<kind>', KIND)
    .argument('<file>', 'the wording; - is stdin')
    .description('word a mail anew (admin)')
  const reset = template
    .command('reset')
    .argument('<kind>', KIND)
    .description('take keydesk’s own wording again (admin)')
  for (const command of [show, set, reset])
    command.addOption(choice('--language <language>', 'the language of the mail', MAIL_LANGUAGES))
  show
    .addHelpText('after', `${KIND_HELP}\nExample:\n  keydesk mail template show confirm --language de`)
    .action((kind: string) => showTemplate(context, show.optsWithGlobals<TemplateOptions>(), kind))
  set
    .addHelpText('after', `${KIND_HELP}\nExample:\n  keydesk mail template set confirm confirm.txt --language de`)
    .action((kind: string, file: string) => setTemplate(context, set.optsWithGlobals<TemplateOptions>(), kind, file))
  reset
    .addHelpText('after', '\nExample:\n  keydesk mail template reset confirm')
    .action((kind: string) => resetTemplate(context, reset.optsWithGlobals<TemplateOptions>(), kind))
  const send = noun
    .command('send')
    .argument('<file>', 'the draft, .eml')
    .description('send a draft by the mail server that this workstation prefers')
  send
    .option('--password-file <file>', 'read the server’s password from a file, - is stdin (KEYDESK_SMTP_PASSWORD_FILE)')
    .addHelpText('after', SEND_HELP)
    .action((file: string) => sendDraft(context, send.optsWithGlobals<SendOptions>(), file))
}
