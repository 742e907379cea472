/**
 * One mail to one server, over a way that is protected before anything is said: STARTTLS is demanded and not hoped for, and a certificate
 * that does not verify is the end of it. nodemailer is loaded here alone.
 */
import { KeydeskError } from '../errors.ts'

export type Server = {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'tls' | 'none'
  /** Certificates that count beside those that Node knows. */
  readonly ca: string | undefined
  readonly user: string | undefined
}
export type Letter = { readonly from: string; readonly to: string; readonly raw: string }
type SmtpError = {
  readonly code?: string
  readonly responseCode?: number
  /** Of an error of the system, such as `connect`. */
  readonly syscall?: string
  readonly message: string
}

const PATIENCE_MS = 20_000
/** For all of it: a server that goes on talking is never silent for long. */
const PATIENCE_IN_ALL_MS = 120_000
const UNSENT = 'nothing was sent'
const BROKEN_OFF = ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET']

/** Resolves once the server has taken it. Throws `locked`, `rejected`, `refused` or `busy`. */
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
    // As an address: nodemailer would ask the name service who "localhost" is, and believe it.
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
    // The draft is all that is read: nothing in it makes anybody open a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  } as const
}

/** What the server, or the way to it, said. The password is in none of it. */
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

/** It went silent or hung up in the middle: after the mail's last line, too, which the server may have taken. */
function brokenOff(host: string): KeydeskError {
  const hint = 'ask whether it came before you send it again'
  return new KeydeskError('busy', 'smtp-broken-off', `the way to ${host} broke off; the mail may have been sent`, hint)
}
