/**
 * `keydesk mail send`: sends one draft by the mail server that the preferences name.
 * - This is the only network access of keydesk.
 * - The password is typed or read from a file each time. It is stored nowhere.
 */
import type { GlobalOptions } from '../../console/globals.ts'
import { mayAsk, readSecretLine, readTextFile } from '../../console/input.ts'
import { preferred } from '../../console/preferred.ts'
import type { Context } from '../../context.ts'
import { encodeHex } from '../../crypto/bytes.ts'
import { KeydeskError } from '../../errors.ts'
import { prepareDraft } from '../../mail/draft.ts'
import { handOver, type Server } from '../../mail/smtp.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'

export type SendOptions = GlobalOptions & { readonly passwordFile?: string }

const FLAG = '--password-file'
const VARIABLE = 'KEYDESK_SMTP_PASSWORD_FILE'

export async function sendDraft(context: Context, options: SendOptions, file: string): Promise<void> {
  const server = readServer(context)
  const from = requirePreference(context, 'smtp.from', 'anna@example.ch')
  const messageId = `<${encodeHex(context.random(16))}@${from.slice(from.indexOf('@') + 1)}>`
  const draft = prepareDraft(readTextFile(file, 'the argument'), { from, date: new Date(context.clock()), messageId })
  if ('fault' in draft) {
    const hint = 'nothing was sent; write the address into the draft, or send it by a mail program'
    throw new KeydeskError('usage', 'bad-draft', `${escapeText(file)} cannot be sent: ${draft.fault}`, hint)
  }
  const password = server.user === undefined ? undefined : await readPassword(context, options, server.user)
  await handOver(server, password, { from, ...draft })
  await printAnswer(context.io, options, {
    json: { to: draft.to, from, server: server.host, messageId },
    screen: () => `Sent to ${draft.to} by ${server.host}. The draft still lies there: delete it.\n`,
  })
}

function readServer(context: Context): Server {
  const security = (preferred(context, 'smtp.security') ?? 'starttls') as Server['security']
  const host = requirePreference(context, 'smtp.host', 'mail.example.ch')
  const port = Number(preferred(context, 'smtp.port') ?? (security === 'tls' ? 465 : 587))
  if (security === 'none' && host !== 'localhost' && host !== '127.0.0.1') {
    const hint = 'keydesk preferences set smtp.security starttls'
    throw new KeydeskError('refused', 'smtp-open', 'a code goes over no network in the clear', hint)
  }
  const caFile = preferred(context, 'smtp.caFile')
  const ca = caFile === undefined ? undefined : readTextFile(caFile, 'smtp.caFile')
  return { host, port, security, ca, user: preferred(context, 'smtp.user') }
}

function requirePreference(context: Context, key: string, example: string): string {
  const value = preferred(context, key)
  if (value !== undefined) return value
  throw new KeydeskError('usage', 'smtp-not-set', `${key} is not set`, `keydesk preferences set ${key} ${example}`)
}

async function readPassword(context: Context, options: SendOptions, user: string): Promise<string> {
  const file = options.passwordFile ?? (context.env[VARIABLE] || undefined)
  if (file !== undefined) return readSecretLine(context, file, options.passwordFile === undefined ? VARIABLE : FLAG)
  if (mayAsk(context, options)) return context.prompt.secret(`Mail password of ${escapeText(user)}`)
  const hint = `give it by ${FLAG} FILE, or unset smtp.user where the server asks for none`
  throw new KeydeskError('usage', 'password-missing', 'the password of the mail server is missing', hint)
}
