/**
 * The desk's store as one operator holds it. `commit` is the only way to change anything: it reads, decides, and writes the new
 * state with its audit entry in one durable transaction, and only then lets the answer, or the refusal, out.
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

/** The clock in milliseconds since 1970, and the system's random bytes. */
export type DeskOptions = {
  readonly clock: () => number
  readonly random: (count: number) => Uint8Array
  /** What this workstation knows of the store; left out only where that is just what is to be found out. */
  readonly anchor?: AnchorPort
}
/** `hash` is the entry's, in hexadecimal. */
export type Committed<A> = { readonly answer: A; readonly seq: number; readonly hash: string; readonly at: number }

/** The same before anybody looked whether it was refused. */
export type Settled<A> = Omit<Committed<A>, 'answer'> & { readonly decision: Decision<A> }

/** One state of the store as it is sealed, and what opens it: for who verifies it. */
export type Inspection = {
  readonly snapshot: Snapshot
  readonly sealer: Sealer
  /** With the roster as it stands: who reads rows by the batch does without. */
  readonly records: () => Promise<Records>
}

export type Desk = {
  readonly me: Operator
  /** What the agent may keep, so that the next command need not open it again. */
  readonly opened: OpenedKeyring
  /** As it was when the desk was opened. */
  readonly roster: OpenedRoster
  read<T>(work: (records: Records) => Promise<T>): Promise<T>
  inspect<T>(work: (inspection: Inspection) => Promise<T>): Promise<T>
  /**
   * Decides without writing, where there is nothing to write: an answer that changes nothing. A refusal is committed all the
   * same, and thrown once it is on record.
   */
  consult<A>(decide: Decide<A>): Promise<A>
  /** Throws the decision's refusal as a KeydeskError, once it is on record. */
  commit<A>(decide: Decide<A>): Promise<Committed<A>>
  /** Many decisions in one commit, each on what those before it wrote. A refusal is on record as well, and stops none of the others. */
  commitEach<A>(decides: readonly Decide<A>[]): Promise<Settled<A>[]>
}

/**
 * Opens the store as the operator. Throws `refused` for one who was removed, `damaged` for a keyring that is not theirs, for a roster that
 * does not hold, and for a store that does not stand where the anchor says.
 */
export async function openDesk(
  engine: Engine,
  keys: OperatorKeys,
  options: DeskOptions,
  known: Known = {},
): Promise<Desk> {
  // Read before the store is: a commit in between makes the store newer, and never older.
  const anchor = (await options.anchor?.read()) ?? null
  const { signer, opened, unseen } = await engine.read(async (snapshot) => {
    const isNewer = options.anchor !== undefined && (await requireStanding(snapshot, anchor))
    const { signer, opened } = await openSigner(snapshot, keys, options.random, known)
    // Only an entry that an operator signed moves the anchor; one that was made up would make the real store look old.
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
      // Decided again, on the state that the commit finds.
      return (await commitDecision(engine, signer, opened, options, decide)).answer
    },
    commit: (decide) => commitDecision(engine, signer, opened, options, decide),
    commitEach: (decides) => commitDecisions(engine, signer, opened, options, decides),
  }
}

/** A decision on what the records say. */
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
    // Whoever was removed, got another role, or holds keys that were replaced since they opened the desk, writes no more.
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
