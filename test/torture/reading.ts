/**
 * Reads a damaged desk with its commands, and verifies its store with code that is independent of them.
 * An answer is the same as before, or it is refused. Any other result is an outcome with a name of its own.
 */
import { encodeHex } from '../../src/crypto/bytes.ts'
import { KeydeskError } from '../../src/errors.ts'
import { findLogin, openLogin } from '../../src/session/login.ts'
import { openDesk } from '../../src/store/desk.ts'
import type { Engine } from '../../src/store/engine.ts'
import { indexedValues } from '../../src/store/records.ts'
import { createSealer } from '../../src/store/sealer.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { type Bench, openContext, PASSPHRASE, type Phone, run, storeOf } from '../commands/bench.ts'
import { drawFounder, type Founder, uid } from '../store/fixtures.ts'
import { findFaults } from '../store/verify/verifying.ts'

type Line = readonly string[]
export type Answer = { readonly asked: string; readonly exit: number; readonly said: string }
/**
 * - `refused`: a command ended with exit 8.
 * - `locked`: a command ended with exit 5.
 * - `verified`: the commands answer as before, but verifying finds the damage.
 * - `harmless`: all is as before.
 * - `no operator`: exit 6, as for a removed operator: the row with the operator's keyring is not found.
 * - Any other: the command and its exit code. A damaged file must not lead to it.
 */
export type Outcome = 'refused' | 'locked' | 'verified' | 'harmless' | 'no operator' | `${string} exit ${number}`

/** Commands that read everything: the list of devices, the audit log, and a check of each phone. */
export const readingOf = (phones: readonly Phone[]): readonly Line[] => [
  ['device', 'list', '--json'],
  ['audit', 'list', '--json'],
  ...phones.map((phone) => ['reset', 'check', phone.resetCode(1), '--json']),
]

export async function readAll(bench: Bench, lines: readonly Line[], input = ''): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const argv of lines) {
    const { exit, out, err } = await run(bench, argv, { input })
    answers.push({ asked: argv.slice(0, 2).join(' '), exit, said: exit === 0 ? out : err })
  }
  return answers
}

/** Compares the answers with those of the whole desk. An outcome that must not occur takes precedence over refusals. */
export function judge(answers: readonly Answer[], whole: readonly Answer[]): Outcome {
  const changed = answers.filter(({ exit, said }, i) => exit !== whole[i]?.exit || said !== whole[i]?.said)
  const odd = changed.find(({ exit }) => exit !== 8 && exit !== 5)
  if (odd?.exit === 6 && changed.every(({ said }) => said.includes('you are not an operator'))) return 'no operator'
  if (odd !== undefined) return `${odd.asked} exit ${odd.exit}`
  if (changed.some(({ exit }) => exit === 8)) return 'refused'
  return changed.length > 0 ? 'locked' : 'harmless'
}

/** The founder of the bench's store: anna, with the keys that her passphrase opens. Can verify the store. */
export async function openFounder(bench: Bench): Promise<Founder> {
  const context = openContext(bench, { input: `${PASSPHRASE}\n` })
  const login = await findLogin(context, { store: undefined, operator: undefined })
  const keys = await openLogin(context, { input: false, color: false, passphraseFile: '-' }, login)
  const engine = openSqlite(storeOf(bench), { uid })
  const { me, opened } = await openDesk(engine, keys, context)
  const storeId = await engine.read(async (snapshot) => snapshot.storeId)
  await engine.close()
  return { ...drawFounder(), storeId, keys, keyring: opened.keyring, me }
}

/** Whether verifying fails: of the chain, the signatures, the digest, or finding each row by its blind indexes. */
export async function isDamaged(bench: Bench, founder: Founder): Promise<boolean> {
  try {
    const engine = openSqlite(storeOf(bench), { uid, busyTimeoutMs: 50 })
    try {
      return (await findFaults(engine, founder)).length > 0 || (await hasLostIndex(engine, founder))
    } finally {
      await engine.close()
    }
  } catch (error) {
    if (error instanceof KeydeskError && error.refusal.kind === 'damaged') return true
    throw error
  }
}

async function hasLostIndex(engine: Engine, { keyring, options }: Founder): Promise<boolean> {
  return engine.read(async (snapshot) => {
    const sealer = createSealer(keyring, snapshot.storeId, options.random)
    for (const collection of ['device', 'user']) {
      for await (const row of snapshot.scanRows(collection)) {
        for (const [name, value] of indexedValues(collection, sealer.openListed<object>(collection, row))) {
          const [found, more] = await snapshot.findRows(collection, sealer.index(name, value))
          if (found === undefined || more !== undefined || encodeHex(found.id) !== encodeHex(row.id)) return true
        }
      }
    }
    return false
  })
}
