/** A desk whose clock the test sets. Each command returns `ok`, or the exit code and the reason. */
import { decodeSpoken, encodeSpoken, type ResetCode } from '../../src/crypto/spoken.ts'
import { type Bench, createDesk, invitePhone, PASSPHRASE, type Phone, readJson, run } from '../commands/bench.ts'

export class ClockDesk {
  readonly #bench: Bench
  readonly #phone: Phone

  static async create(): Promise<ClockDesk> {
    const bench = await createDesk()
    return new ClockDesk(bench, await invitePhone(bench))
  }

  private constructor(bench: Bench, phone: Phone) {
    this.#bench = bench
    this.#phone = phone
  }

  set(nowMs: number): void {
    this.#bench.nowMs = nowMs
  }

  move(byMs: number): void {
    this.#bench.nowMs += byMs
  }

  unlock(duration = '24h'): Promise<string> {
    return this.#say(['unlock', '--for', duration, '--passphrase-file', '-'])
  }

  confirm(epoch = 0): Promise<string> {
    return this.#say(['reset', 'confirm', this.#phone.resetCode(epoch), '--verified-by', 'callback'])
  }

  list(): Promise<string> {
    return this.#say(['device', 'list'])
  }

  /** Gives `count` codes that the phone never showed. Returns the result of the last one. */
  async forge(count: number): Promise<string> {
    const data = decodeSpoken(this.#phone.resetCode() as ResetCode)
    let last = ''
    for (let i = 1; i <= count; i++)
      last = await this.#say(['reset', 'confirm', encodeSpoken(data.with(-1, (data.at(-1) as number) ^ i), 'reset')])
    return last
  }

  async state(): Promise<string> {
    const [device] = await readJson<{ state: string }[]>(this.#bench, ['device', 'list'])
    return `the device is ${device?.state}`
  }

  /** The times of the newest `count` entries as a terminal shows them, in the order of the audit log. */
  async times(count: number): Promise<string> {
    const options = { terminal: true, columns: 200, env: { NO_COLOR: '1' } }
    const { out } = await run(this.#bench, ['audit', 'list', '--limit', String(count)], options)
    return [...out.matchAll(/-\d\d (\d\d:\d\d)/g)].map(([, time]) => time).join(', then ')
  }

  async order(): Promise<string> {
    const entries = await readJson<{ seq: number; at: string }[]>(this.#bench, ['audit', 'list'])
    const inOrder = entries.every(({ seq }, i) => seq === i + 1)
    const back = entries.some(({ at }, i) => i > 0 && at < (entries[i - 1]?.at as string))
    return `${inOrder ? 'by `seq`' : 'out of order'}; ${back ? 'times run back' : 'times rise'}`
  }

  async #say(argv: readonly string[]): Promise<string> {
    const { exit, err } = await run(this.#bench, [...argv, '--json', '-q'], { input: `${PASSPHRASE}\n` })
    return exit === 0 ? 'ok' : `exit ${exit} \`${JSON.parse(err).error.reason}\``
  }
}
