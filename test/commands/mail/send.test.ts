/**
 * Guards `mail send` against a real SMTP server: the mail that arrives, the connection that carries it, and every
 * failure.
 */
import dns from 'node:dns'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { handOver } from '../../../src/mail/smtp.ts'
import { readBody, readHeader } from '../../mail/reader.ts'
import { type Bench, createDesk, createWorkstation, expectOk, invitePhone, run } from '../bench.ts'
import { makeCertificate } from '../certificate.ts'

const PASSWORD = 'a mail server’s own secret'
type Arrived = {
  readonly from: string
  readonly to: string[]
  readonly secure: boolean
  readonly user: unknown
  readonly mail: string
}

const certificate = makeCertificate()
const arrived: Arrived[] = []
const servers: SMTPServer[] = []

/** Starts a server on a port of its own. It accepts anna with her password. */
async function listen(options: SMTPServerOptions = {}): Promise<number> {
  const server = new SMTPServer({
    ...certificate,
    logger: false,
    onAuth({ username, password }, _, done) {
      if (username === 'anna' && password === PASSWORD) done(null, { user: username })
      else done(new Error('no'))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const to = rcptTo.map(({ address }) => address)
        arrived.push({ from, to, secure: session.secure, user: session.user, mail: Buffer.concat(chunks).toString() })
        done()
      })
    },
    ...options,
  })
  servers.push(server)
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.server.address() as AddressInfo).port
}
const socketOf = (connection: unknown) => (connection as { readonly _socket: Socket })._socket
afterAll(() => servers.forEach((server) => void server.close()))

/** Sets the workstation up for a server on that port: preferences, CA file and password file. */
async function setUp(bench: Bench, port: number, more: Readonly<Record<string, string>> = {}) {
  const caFile = join(bench.home, 'ca.pem')
  writeFileSync(caFile, certificate.cert)
  writeFileSync(join(bench.home, 'password'), `${PASSWORD}\n`)
  const settings = { host: 'localhost', port: `${port}`, user: 'anna', from: 'desk@example.ch', caFile, ...more }
  for (const [key, value] of Object.entries(settings))
    await expectOk(bench, [
      'preferences',
      value === '' ? 'unset' : 'set',
      `smtp.${key}`,
      ...(value === '' ? [] : [value]),
    ])
}

const send = (bench: Bench, file: string, ...more: string[]) =>
  run(bench, [
    'mail',
    'send',
    join(bench.home, file),
    '--password-file',
    join(bench.home, 'password'),
    ...more,
    '--json',
  ])
const reasonOf = ({ exit, err }: { exit: number; err: string }) => [exit, JSON.parse(err).error.reason]

describe('a draft of a confirmation', () => {
  let bench: Bench
  let port: number
  let code: string
  beforeAll(async () => {
    bench = await createDesk()
    port = await listen({ authOptional: false })
    await setUp(bench, port)
    const phone = await invitePhone(bench)
    code = phone.confirmationCode()
    const confirm = ['reset', 'confirm', phone.resetCode(), '--verified-by', 'callback']
    await expectOk(bench, [...confirm, '--email', join(bench.home, 'zoe.eml'), '--language', 'de'])
  })

  it('arrives complete, over STARTTLS and with a login', async () => {
    const { exit, out } = await send(bench, 'zoe.eml')
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ to: 'zoe@example.ch', from: 'desk@example.ch', server: 'localhost' })
    const [{ mail, ...way }] = arrived.splice(0) as [Arrived]
    expect(way).toEqual({ from: 'desk@example.ch', to: ['zoe@example.ch'], secure: true, user: 'anna' })
    expect(readHeader(mail, 'Subject')).toBe('Ihr Bestätigungscode von Röntgen AG')
    expect(readHeader(mail, 'From')).toBe('desk@example.ch')
    expect(readHeader(mail, 'X-Unsent')).toBeUndefined()
    expect(readBody(mail)).toContain(code)
    expect(readBody(mail, 'text/html')).toContain(`>${code.split('-')[0]}</span>`)
  })

  it.each([
    ['a wrong password', { user: 'bob' }, [5, 'smtp-password']],
    ['a certificate of nobody known', { caFile: '' }, [6, 'smtp-untrusted']],
    ['a port that nobody listens on', { port: '1' }, [9, 'smtp-unreachable']],
    ['TLS to a server that begins without', { security: 'tls' }, [6, 'smtp-untrusted']],
    ['no server', { host: '' }, [2, 'smtp-not-set']],
    ['no sender', { from: '' }, [2, 'smtp-not-set']],
    ['a way in the clear to another machine', { host: 'mail.example.ch', security: 'none' }, [6, 'smtp-open']],
  ])('is not sent with %s', async (_, more, expected) => {
    const { security = '', ...others }: Record<string, string> = more
    await setUp(bench, port, { security, ...others })
    const ended = await send(bench, 'zoe.eml')
    expect(reasonOf(ended)).toEqual(expected)
    expect(`${ended.err}${ended.out}`).not.toContain(PASSWORD)
    expect(arrived).toEqual([])
  })

  it('is not sent to a server without TLS, and neither is the password', async () => {
    let asked = false
    const onAuth: SMTPServerOptions['onAuth'] = (_, __, done) => {
      asked = true
      done(null, { user: 'x' })
    }
    const plain = await listen({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true, onAuth })
    await setUp(bench, plain, { security: '' })
    expect(reasonOf(await send(bench, 'zoe.eml'))).toEqual([6, 'smtp-untrusted'])
    expect([asked, arrived]).toEqual([false, []])
  })

  it('is not sent to a server that refuses its recipient', async () => {
    const strict = await listen({
      onRcptTo: (_, __, done) => done(Object.assign(new Error('no such user'), { responseCode: 550 })),
    })
    await setUp(bench, strict)
    expect(reasonOf(await send(bench, 'zoe.eml'))).toEqual([4, 'smtp-refused'])
    const busy = await listen({
      onRcptTo: (_, __, done) => done(Object.assign(new Error('later'), { responseCode: 451 })),
    })
    await setUp(bench, busy)
    expect(reasonOf(await send(bench, 'zoe.eml'))).toEqual([9, 'smtp-unreachable'])
  })

  it('is reported as possibly sent if the server hangs up after the mail', async () => {
    const dying = await listen({
      onData(stream) {
        stream.resume().on('end', () => servers.at(-1)?.connections.forEach((each) => void socketOf(each).destroy()))
      },
    })
    await setUp(bench, dying)
    const { exit, err } = await send(bench, 'zoe.eml')
    expect([exit, JSON.parse(err).error]).toMatchObject([
      9,
      { reason: 'smtp-broken-off', message: 'the way to localhost broke off; the mail may have been sent' },
    ])
  })

  it('is sent over TLS from the start, or in the clear within this machine, if that is preferred', async () => {
    await setUp(bench, await listen({ secure: true }), { security: 'tls' })
    expect(await send(bench, 'zoe.eml')).toMatchObject({ exit: 0 })
    const open = await listen({ disabledCommands: ['STARTTLS', 'AUTH'], authOptional: true })
    await setUp(bench, open, { security: 'none', user: '' })
    expect(await run(bench, ['mail', 'send', join(bench.home, 'zoe.eml')])).toMatchObject({ exit: 0 })
    expect(arrived.splice(0).map(({ secure }) => secure)).toEqual([true, false])
    await expectOk(bench, ['preferences', 'unset', 'smtp.security'])
  })

  it('is sent to this very machine without asking a name service', async () => {
    await setUp(bench, await listen({ disabledCommands: ['STARTTLS', 'AUTH'], authOptional: true }), {
      security: 'none',
      user: '',
    })
    const elsewhere = (_: string, tell: (error: null, addresses: string[]) => void) => tell(null, ['127.9.9.9'])
    const lie = vi.spyOn(dns.Resolver.prototype, 'resolve4').mockImplementation(elsewhere as never)
    expect(await run(bench, ['mail', 'send', join(bench.home, 'zoe.eml')])).toMatchObject({ exit: 0 })
    lie.mockRestore()
    expect(arrived.splice(0)).toHaveLength(1)
    await expectOk(bench, ['preferences', 'unset', 'smtp.security'])
  })

  it('is given up if the server keeps talking past the time limit', async () => {
    const talker = createServer((socket) => {
      let talking: NodeJS.Timeout
      socket.on('error', () => undefined).write('220 good day\r\n')
      socket.once('data', () => {
        talking = setInterval(() => socket.write('250-and another thing\r\n'), 50)
      })
      socket.once('close', () => clearInterval(talking))
    })
    await new Promise<void>((resolve) => talker.listen(0, '127.0.0.1', resolve))
    const { port } = talker.address() as AddressInfo
    const server = { host: 'localhost', port, security: 'none', ca: undefined, user: undefined } as const
    const letter = { from: 'desk@example.ch', to: 'zoe@example.ch', raw: 'To: zoe@example.ch\r\n\r\nhello' }
    await expect(handOver(server, undefined, letter, 500)).rejects.toMatchObject({
      refusal: { reason: 'smtp-unreachable' },
    })
    // The connection is closed too, so the program can end.
    await new Promise((resolve) => talker.close(resolve))
  })

  it('is sent without keys: only writing the draft needed them', async () => {
    const locked = createWorkstation()
    await setUp(locked, port)
    writeFileSync(join(locked.home, 'zoe.eml'), readFileSync(join(bench.home, 'zoe.eml')))
    expect(await send(locked, 'zoe.eml')).toMatchObject({ exit: 0 })
    expect(arrived.splice(0)).toHaveLength(1)
  })

  it('is refused if its file is no draft or names no recipient', async () => {
    await setUp(bench, port)
    writeFileSync(join(bench.home, 'a.eml'), 'Subject: a\r\n\r\nb')
    expect(reasonOf(await send(bench, 'a.eml'))).toEqual([2, 'bad-draft'])
    expect(reasonOf(await send(bench, 'password'))).toEqual([2, 'bad-draft'])
    expect(reasonOf(await send(bench, 'nowhere.eml'))).toEqual([2, 'unreadable-file'])
  })
})

describe('the mail password', () => {
  it('is asked for at a terminal, read from the file that the environment names, and never stored', async () => {
    const bench = createWorkstation()
    await setUp(bench, await listen({ authOptional: false }))
    writeFileSync(join(bench.home, 'a.eml'), 'To: zoe@example.ch\r\n\r\nhello')
    const argv = ['mail', 'send', join(bench.home, 'a.eml')]
    expect(reasonOf(await run(bench, [...argv, '--json']))).toEqual([2, 'password-missing'])
    const typed = await run(bench, argv, { terminal: true, answers: [PASSWORD], env: { NO_COLOR: '1' } })
    expect(typed).toMatchObject({ exit: 0, questions: ['Mail password of anna'] })
    const env = { KEYDESK_SMTP_PASSWORD_FILE: join(bench.home, 'password') }
    expect(await run(bench, argv, { env })).toMatchObject({ exit: 0 })
    expect(readFileSync(join(bench.home, '.config/keydesk/preferences.json'), 'utf8')).not.toContain('secret')
    arrived.splice(0)
  })
})
