/**
 * The work that the agent performs itself.
 * - The agent decides and commits a request where the keys are, exactly as a command's own process does.
 * - No key passes over the socket.
 * - If a request gets no reply, the command does not guess whether it was performed.
 */
import { connect, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { inspectAgent } from '../../src/agent/client.ts'
import { performByAgent } from '../../src/agent/work.ts'
import { OPERATIONS } from '../../src/operations/index.ts'
import { VERSION } from '../../src/version.ts'
import {
  type Bench,
  createDesk,
  expectOk,
  invitePhone,
  openContext,
  type Phone,
  readJson,
  run,
  runWithPerson,
  storeOf,
} from '../commands/bench.ts'
import { startChild } from '../store/processes.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

type Entry = { readonly action: string; readonly outcome: string }
const entriesOf = (bench: Bench) => readJson<Entry[]>(bench, ['audit', 'list'])
const placesOf = (bench: Bench) => openContext(bench).places
const confirm = (phone: Phone, epoch = 0) => ['reset', 'confirm', phone.resetCode(epoch), '--verified-by', 'callback']
const requestOf = (phone: Phone) => ({
  heard: { code: phone.resetCode(), corrections: [], corrected: 'nothing' },
  device: null,
  verifiedBy: 'callback',
  totp: null,
  ticket: null,
  reason: null,
})

/** Commands then find a listener beside the agent's own socket. The agent ends when its own socket is gone. */
function listenBeside(bench: Bench, listen: (real: string) => Server): void {
  const { socket } = placesOf(bench)
  bench.socket = `${socket}.beside`
  servers.push(listen(socket).listen(bench.socket))
}

/** Forwards both directions to the real agent, and appends each chunk to `heard`. */
function listenIn(heard: string[]): (real: string) => Server {
  return (real) =>
    createServer((client) => {
      const agent = connect(real)
      for (const [from, to] of [
        [client, agent],
        [agent, client],
      ] as const) {
        from.on('error', () => to.destroy())
        from.on('data', (chunk) => void heard.push(chunk.toString('utf8')))
        from.pipe(to)
      }
    })
}

describe('the agent', () => {
  it('decides and commits a request itself, and sends no key over its socket', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    const heard: string[] = []
    listenBeside(bench, listenIn(heard))
    expect(await expectOk(bench, ['reset', 'check', phone.resetCode()])).toContain('can be confirmed')
    expect(await expectOk(bench, confirm(phone))).toBe(`${phone.confirmationCode()}\n`)
    const said = heard.join('')
    expect(said).toContain('"op":"perform"')
    expect(said).toContain(phone.confirmationCode())
    for (const word of ['boxSecret', 'signingSeed', 'keyring', Buffer.from(phone.secret).toString('base64url')])
      expect(said).not.toContain(word)
    // The check above can fail: a command that fetches keys does send 'signingSeed'.
    await expectOk(bench, ['device', 'list'])
    expect(heard.join('')).toContain('signingSeed')
  })

  it('refuses as a command does, and writes the refusal to the audit log', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    await expectOk(bench, confirm(phone, 4))
    const old = await run(bench, confirm(phone, 3))
    expect([old.exit, old.err]).toEqual([4, expect.stringContaining('the code is an old one')])
    expect((await entriesOf(bench)).at(-1)).toMatchObject({ action: 'reset.confirm', outcome: 'old-epoch' })
    const unknown = await run(bench, ['reset', 'check', phone.resetCode(), '--device', 'nobody'])
    expect([unknown.exit, unknown.err]).toEqual([7, expect.stringContaining('no device is called nobody')])
  })

  it('lets the command ask the user about a correction', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    const code = phone.resetCode()
    const wrong = `${code.slice(0, -1)}${code.endsWith('Z') ? 'Y' : 'Z'}`
    const no = await runWithPerson(bench, ['reset', 'confirm', wrong], false)
    expect([no.exit, no.questions]).toEqual([3, [`Read back ${code}. Does the app show just that?`]])
    const yes = await runWithPerson(bench, ['reset', 'confirm', wrong], true)
    expect([yes.exit, yes.out]).toEqual([0, expect.stringContaining(phone.confirmationCode())])
  })

  it('performs nothing after it was locked', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    await expectOk(bench, ['lock'])
    const work = { name: 'reset.confirm', request: requestOf(phone) }
    expect(await performByAgent(placesOf(bench), {}, work)).toBeNull()
    expect(await run(bench, confirm(phone))).toMatchObject({ exit: 5, out: '' })
  })

  it('extends the idle time of its keys with each request that it performs', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    for (let i = 0; i < 4; i++) {
      bench.nowMs += 800_000
      expect(await run(bench, ['reset', 'check', phone.resetCode()])).toMatchObject({ exit: 0 })
    }
    bench.nowMs += 900_000
    expect(await run(bench, ['reset', 'check', phone.resetCode()])).toMatchObject({ exit: 5 })
  })
})

describe('an invalid request', () => {
  const spoilt: [string, (request: ReturnType<typeof requestOf>) => unknown][] = [
    ['nothing', () => undefined],
    ['null', () => null],
    ['a code that fails its check', (r) => ({ ...r, heard: { ...r.heard, code: '00000-00000-00000' } })],
    ['a code in another spelling', (r) => ({ ...r, heard: { ...r.heard, code: r.heard.code.toLowerCase() } })],
    ['no code', (r) => ({ ...r, heard: { ...r.heard, code: 7 } })],
    ['another state of correction', (r) => ({ ...r, heard: { ...r.heard, corrected: 'yes' } })],
    ['corrections that are none', (r) => ({ ...r, heard: { ...r.heard, corrections: [{}] } })],
    ['a device that is no name', (r) => ({ ...r, device: { $ne: null } })],
    ['another way of verifying', (r) => ({ ...r, verifiedBy: 'birthday' })],
    ['a code beside another way of verifying', (r) => ({ ...r, totp: '123456' })],
    ['a code that is none', (r) => ({ ...r, totp: '12345', verifiedBy: 'totp' })],
    ['a ticket that is no text', (r) => ({ ...r, ticket: 4711 })],
  ]
  it.each(spoilt)('is not performed: %s', async (_, spoil) => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    const before = await entriesOf(bench)
    const work = { name: 'reset.confirm', request: spoil(requestOf(phone)) }
    expect(await performByAgent(placesOf(bench), {}, work)).toMatchObject({ refusal: { kind: 'internal' } })
    expect(await entriesOf(bench)).toEqual(before)
    expect(OPERATIONS['reset.confirm'].accepts(requestOf(phone))).toBe(true)
  })

  it.each(['reset.delete', 'constructor', '__proto__', ''])(
    'with the unknown operation %j is not performed',
    async (name) => {
      const bench = await createDesk()
      expect(await performByAgent(placesOf(bench), {}, { name, request: {} })).toMatchObject({
        refusal: { kind: 'internal' },
      })
      expect(await inspectAgent(placesOf(bench), {})).toHaveLength(1)
    },
  )

  it('from another version of keydesk is not performed, and the reply has the outcome null', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    const said: string[] = []
    const { socket } = placesOf(bench)
    const other = connect(socket)
    other.on('data', (chunk) => void said.push(chunk.toString()))
    const closed = new Promise((resolve) => other.once('close', resolve))
    const request = {
      op: 'perform',
      version: `${VERSION}-other`,
      work: { name: 'reset.confirm', request: requestOf(phone) },
    }
    other.write(`${JSON.stringify(request)}\n`)
    await closed
    expect(JSON.parse(said.join(''))).toEqual({ outcome: null })
    expect((await entriesOf(bench)).some(({ action }) => action === 'reset.confirm')).toBe(false)
  })
})

describe('a busy store', () => {
  it('makes a request wait, and the agent answers other requests meanwhile', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    const holder = startChild(['hold', storeOf(bench)])
    await holder.said(/holding/)
    const heard: string[] = []
    listenBeside(bench, listenIn(heard))
    const answered: string[] = []
    const confirmed = run(bench, confirm(phone)).finally(() => answered.push('confirm'))
    await expect.poll(() => heard.join('')).toContain('"op":"perform"')
    expect(await inspectAgent(placesOf(bench), {})).toHaveLength(1)
    expect(answered).toEqual([])
    holder.process.stdin?.end()
    expect(await confirmed).toMatchObject({ exit: 0, out: `${phone.confirmationCode()}\n` })
  })

  it('ends the command with exit 9 after the waiting time, and nothing is committed', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    const holder = startChild(['hold', storeOf(bench)])
    await holder.said(/holding/)
    expect(await run(bench, confirm(phone))).toMatchObject({ exit: 9, out: '' })
    holder.process.stdin?.end()
    await holder.ended
    expect((await entriesOf(bench)).some(({ action }) => action === 'reset.confirm')).toBe(false)
  })

  it('gets each of eight concurrent requests committed exactly once', async () => {
    const bench = await createDesk()
    const phone = await invitePhone(bench)
    const epochs = [1, 2, 3, 4, 5, 6, 7, 8]
    const ended = await Promise.all(epochs.map((epoch) => run(bench, confirm(phone, epoch))))
    expect(ended.filter(({ exit }) => exit === 0).length).toBeGreaterThan(0)
    expect(ended.every(({ exit }) => exit === 0 || exit === 4)).toBe(true)
    // A request with an older epoch than the last confirmed one is refused. No request is lost or performed twice.
    const done = (await entriesOf(bench)).filter(({ action }) => action === 'reset.confirm')
    expect(done).toHaveLength(epochs.length)
    expect(done.filter(({ outcome }) => outcome === 'ok')).toHaveLength(ended.filter(({ exit }) => exit === 0).length)
  })
})

describe('an agent that takes the request and does not answer', () => {
  it.each(['hangs up', 'talks nonsense'])(
    'makes the command end with exit 9 without a second try: the agent %s',
    async (what) => {
      const bench = await createDesk()
      const phone = await invitePhone(bench)
      const before = await entriesOf(bench)
      listenBeside(bench, () =>
        createServer((client) => {
          client.on('error', () => undefined)
          client.once('data', () => (what === 'hangs up' ? client.destroy() : client.end('{"outcome":{}}\n')))
        }),
      )
      const { exit, out, err, questions } = await runWithPerson(bench, confirm(phone))
      expect([exit, out, questions]).toEqual([9, '', []])
      expect(err).toContain('the agent took the request and did not answer; it may have been done')
      expect(err).toContain('hint: repeat the command, which is safe')
      bench.socket = undefined
      expect(await entriesOf(bench)).toEqual(before)
    },
  )
})

it('without an agent the command asks for the passphrase once, although it performs the request twice', async () => {
  const bench = await createDesk()
  const phone = await invitePhone(bench)
  await expectOk(bench, ['lock'])
  const code = phone.resetCode()
  const wrong = `${code.slice(0, -1)}${code.endsWith('Z') ? 'Y' : 'Z'}`
  const { exit, questions } = await runWithPerson(
    bench,
    ['reset', 'confirm', wrong],
    'correct horse battery staple',
    true,
  )
  expect([exit, questions]).toEqual([0, ['Passphrase of anna', `Read back ${code}. Does the app show just that?`]])
})
