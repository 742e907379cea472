/**
 * The desk's store as one operator opens it. `commit` is the only way to change anything:
 * - It reads, decides, and writes the new state with its audit entry in one durable transaction.
 * - Only then does it return the answer or throw the refusal.
 */
import { equalBytes } from '../crypto/bytes.ts'
import type { Decision } from '../desk/decision.ts'
import type { Operator } from '../desk/records/index.ts'
import { KeydeskError } from '../errors.ts'
import { type AnchorPort, requireStanding, toAnchor } from './chain-standing.ts'
import { readTail, type Signer, writeDecisions } from './commit.ts'
import type { Engine, Snapshot } from './engine.ts'
import type { OpenedKeyring, OperatorKeys } from './keyring.ts'
import { openRecords, type Records } from './records.ts'
import { type OpenedRoster, readRoster } from './roster.ts'
import type { Sealer } from './sealer.ts'
import { type Known, openSigner, readKeyring } from './signer.ts'

/** `clock` returns milliseconds since 1970. `random` returns random bytes of the system. */
export type DeskOptions = {
  readonly clock: () => number
  readonly random: (count: number) => Uint8Array
  /**
   * The workstation's anchor of this store. Only commands that must open an older or a different store leave it out
   * (`store restore`).
   */
  readonly anchor?: AnchorPort
}
/** `seq` and `hash` (hexadecimal) are those of the audit entry, `at` is its time in milliseconds since 1970. */
export type Committed<A> = { readonly answer: A; readonly seq: number; readonly hash: string; readonly at: number }

/** Like `Committed`, but with the whole decision: it may be a refusal. */
export type Settled<A> = Omit<Committed<A>, 'answer'> & { readonly decision: Decision<A> }

/**
 * One state of the store with its rows still sealed, and the sealer that opens them: for verification and for reading
 * in batches.
 */
export type Inspection = {
  readonly snapshot: Snapshot
  readonly sealer: Sealer
  /** Verifies the current roster first. Callers that read only rows in batches do without it. */
  readonly records: () => Promise<Records>
}

export type Desk = {
  readonly me: Operator
  /** The agent may cache this: the next command then need not open the keyring again. */
  readonly opened: OpenedKeyring
  /** The roster as it was when the desk was opened. */
  readonly roster: OpenedRoster
  read<T>(work: (records: Records) => Promise<T>): Promise<T>
  inspect<T>(work: (inspection: Inspection) => Promise<T>): Promise<T>
  /**
   * Decides in a read, and resolves to the answer if it changes nothing. Otherwise it decides again in a commit. A
   * refusal is thrown after it is in the audit log.
   */
  consult<A>(decide: Decide<A>): Promise<A>
  /** Throws the decision's refusal as a KeydeskError, after it is in the audit log. */
  commit<A>(decide: Decide<A>): Promise<Committed<A>>
  /**
   * Makes many decisions in one commit, each on the state that the earlier ones wrote. A refusal goes into the audit
   * log too, and does not stop the other decisions.
   */
  commitEach<A>(decides: readonly Decide<A>[]): Promise<Settled<A>[]>
}

/**
 * Opens the store as the operator. Throws:
 * - `refused` if the operator was removed
 * - `damaged` if the keyring is not the operator's, if the roster is invalid, or if the store is older than the anchor
 *   or another store
 */
export async function openDesk(
  engine: Engine,
  keys: OperatorKeys,
  options: DeskOptions,
  known: Known = {},
): Promise<Desk> {
  // The anchor is read before the store. A commit in between can only make the store newer than the anchor, never
  // older.
  const anchor = (await options.anchor?.read()) ?? null
  const { signer, opened, unseen } = await engine.read(async (snapshot) => {
    const isNewer = options.anchor !== undefined && (await requireStanding(snapshot, anchor))
    const { signer, opened } = await openSigner(snapshot, keys, options.random, known)
    // Only a signed entry may move the anchor. A forged one would make the real store look older than the anchor.
    return { signer, opened, unseen: isNewer ? await readTail(snapshot, signer) : null }
  })
  if (unseen !== null) await options.anchor?.keep(toAnchor(unseen))
  const { sealer, me, roster } = signer
  const recordsOf = async (snapshot: Snapshot) =>
    openRecords(snapshot, sealer, await readRoster(snapshot, sealer, roster))
  return {
    me,
    opened,
    roster,
    read: (work) => engine.read(async (snapshot) => work(await recordsOf(snapshot))),
    inspect: (work) => engine.read((snapshot) => work({ snapshot, sealer, records: () => recordsOf(snapshot) })),
    async consult(decide) {
      const made = await engine.read(async (snapshot) => decide(await recordsOf(snapshot), options.clock()))
      if ('answer' in made && made.changes.length === 0) return made.answer
      // Decides again, on the state that the commit reads.
      return (await commitDecision(engine, signer, opened, options, decide)).answer
    },
    commit: (decide) => commitDecision(engine, signer, opened, options, decide),
    commitEach: (decides) => commitDecisions(engine, signer, opened, options, decides),
  }
}

/** Makes a decision from the records and the time (milliseconds since 1970). */
export type Decide<A> = (records: Records, now: number) => Promise<Decision<A>>

async function commitDecision<A>(
  engine: Engine,
  signer: Signer,
  opened: OpenedKeyring,
  options: DeskOptions,
  decide: Decide<A>,
): Promise<Committed<A>> {
  const [settled] = await commitDecisions(engine, signer, opened, options, [decide])
  const { decision, ...committed } = settled as Settled<A>
  if ('refusal' in decision) throw KeydeskError.of(decision.refusal)
  return { answer: decision.answer, ...committed }
}

async function commitDecisions<A>(
  engine: Engine,
  signer: Signer,
  { sealed }: OpenedKeyring,
  { clock, random, anchor }: DeskOptions,
  decides: readonly Decide<A>[],
): Promise<Settled<A>[]> {
  const settled = await engine.commit(async (commit) => {
    // Refuses an operator who was removed, got another role, or whose keys were replaced since they opened the desk.
    if (!equalBytes(await readKeyring(commit, signer.keys), sealed)) throw keysChanged()
    const { sealer } = signer
    const roster = await readRoster(commit, sealer, signer.roster)
    const tail = await readTail(commit, { roster })
    const now = clock()
    const records = openRecords(commit, sealer, roster)
    const decidings = decides.map((decide) => () => decide(records, now))
    const made = await writeDecisions(commit, { ...signer, roster }, tail, decidings, now, random)
    return made.map(({ decision, entry }) => ({ decision, at: now, ...toAnchor(entry) }))
  })
  const newest = settled.at(-1)
  if (newest !== undefined) await anchor?.keep({ seq: newest.seq, hash: newest.hash })
  return settled
}

function keysChanged(): KeydeskError {
  return new KeydeskError(
    'refused',
    'keys-changed',
    'your keys at this desk were changed meanwhile',
    'repeat the command',
  )
}
