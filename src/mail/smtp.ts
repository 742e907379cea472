/**
 * Sends one mail to one server. The connection is protected before anything else is said.
 * - STARTTLS is required: without it nothing is sent. With security `none`, the server is always 127.0.0.1.
 * - A certificate that does not verify ends the connection.
 * - Only this file loads nodemailer.
 */
import { KeydeskError } from '../errors.ts'

export type Server = {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'tls' | 'none'
  /** Certificates that are trusted in addition to Node's own. */
  readonly ca: string | undefined
  readonly user: string | undefined
}
export type Letter = { readonly from: string; readonly to: string; readonly raw: string }
type SmtpError = {
  readonly code?: string
  readonly responseCode?: number
  /** The system call that failed, such as `connect`. Only errors of the system have it. */
  readonly syscall?: string
  readonly message: string
}

const PATIENCE_MS = 20_000
/** The limit for the whole delivery: a server that keeps talking never reaches the timeouts above. */
const PATIENCE_IN_ALL_MS = 120_000
const UNSENT = 'nothing was sent'
const BROKEN_OFF = ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET']

/** Resolves once the server has accepted the mail. Throws `locked`, `rejected`, `refused` or `busy`. */
export async function handOver(
  server: Server,
  password: string | undefined,
  { from, to, raw }: Letter,
  patienceMs = PATIENCE_IN_ALL_MS,
): Promise<void> {
  const { createTransport } = await import('nodemailer')
  const transport = createTransport(await describeWay(server, password))
  try {
    await transport.sendMail({ envelope: { from, to }, raw, signal: AbortSignal.timeout(patienceMs) })
  } catch (error) {
    throw explain(error as SmtpError, server.host)
  } finally {
    transport.close()
  }
}

async function describeWay({ host, port, security, ca, user }: Server, password: string | undefined) {
  const { getCACertificates } = await import('node:tls')
  return {
    // An address instead of "localhost": nodemailer would ask the name service for that name, and trust its answer.
    host: security === 'none' ? '127.0.0.1' : host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }) },
    ...(user !== undefined && password !== undefined && { auth: { user, pass: password } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    // Only the draft itself is read: no text in it can make nodemailer open a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as const
}

/** Turns an error of the server, or of the connection, into a refusal. The password is not in it. */
function explain({ code, responseCode = 0, syscall, message }: SmtpError, host: string): KeydeskError {
  const said = responseCode === 0 ? '' : ` (${responseCode})`
  if (code === 'EAUTH')
    return new KeydeskError('locked', 'smtp-password', `${host} did not take name and password${said}`, UNSENT)
  if (code === 'ETLS' || /certificate|self[- ]signed|TLS|SSL|altnames/i.test(message)) {
    const hint = `${UNSENT}; an authority of your own is named by keydesk preferences set smtp.caFile FILE`
    return new KeydeskError('refused', 'smtp-untrusted', `the way to ${host} could not be protected: ${message}`, hint)
  }
  if (responseCode >= 500)
    return new KeydeskError(
      'rejected',
      'smtp-refused',
      `${host} does not take this mail${said}`,
      `${UNSENT}; ${message}`,
    )
  if (BROKEN_OFF.includes(code ?? '') && responseCode === 0 && syscall === undefined) return brokenOff(host)
  const hint = `${UNSENT}; check smtp.host and smtp.port, or try again`
  return new KeydeskError('busy', 'smtp-unreachable', `${host} cannot be reached, or takes no mail now${said}`, hint)
}

/** The server went silent or hung up. That can happen after the mail's last line, so it may have accepted the mail. */
function brokenOff(host: string): KeydeskError {
  const hint = 'ask whether it came before you send it again'
  return new KeydeskError('busy', 'smtp-broken-off', `the way to ${host} broke off; the mail may have been sent`, hint)
}
