/**
 * The desk's store as one operator holds it. `commit` is the only way to change anything: it reads, decides, and writes the new
 * state with its audit entry in one durable transaction, and only then lets the answer, or the refusal, out.
 */
import { encodeHex, equalBytes } from '../crypto/bytes.ts'
import { derivePublicKey } from '../crypto/signature.ts'
import type { Decision } from '../desk/decision.ts'
import type { Operator } from '../desk/records.ts'
import { findMember, type Roster } from '../desk/roster.ts'
import { KeydeskError } from '../errors.ts'
import { type Author, readTail, writeDecision } from './commit.ts'
import type { Engine, Snapshot } from './engine.ts'
import { isStatedKeyring, KEYRING, type OpenedKeyring, type OperatorKeys, openKeyring } from './keyring.ts'
import { openRecords, type Records } from './records.ts'
import { type OpenedRoster, readRoster } from './roster.ts'
import { createSealer, damagedRecord, type Sealer } from './sealer.ts'
import { type AnchorPort, requireStanding, toAnchor } from './standing.ts'

/** The clock in milliseconds since 1970, and the system's random bytes. */
export type DeskOptions = {
  readonly clock: () => number
  readonly random: (count: number) => Uint8Array
  /** What this workstation knows of the store; left out only where that is just what is to be found out. */
  readonly anchor?: AnchorPort
}
/** `hash` is the entry's, in hexadecimal. */
export type Committed<A> = { readonly answer: A; readonly seq: number; readonly hash: string; readonly at: number }

/** One state of the store as it is sealed, and what opens it: for who verifies it. */
export type Inspection = { readonly snapshot: Snapshot; readonly sealer: Sealer; readonly records: Records }

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
  consult<A>(decide: (records: Records, now: number) => Promise<Decision<A>>): Promise<A>
  /** Throws the decision's refusal as a KeydeskError, once it is on record. */
  commit<A>(decide: (records: Records, now: number) => Promise<Decision<A>>): Promise<Committed<A>>
}

/** What was opened and verified before, and need not be again while the store still holds the same bytes. */
export type Known = { readonly opened?: OpenedKeyring | null; readonly roster?: OpenedRoster | null }

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
  const { author, opened, unseen } = await engine.read(async (snapshot) => {
    const isNewer = options.anchor !== undefined && (await requireStanding(snapshot, anchor))
    const { author, opened } = await openAuthor(snapshot, keys, options.random, known)
    // Only an entry that an operator signed moves the anchor; one that was made up would make the real store look old.
    return { author, opened, unseen: isNewer ? await readTail(snapshot, author) : null }
  })
  if (unseen !== null) await options.anchor?.keep(toAnchor(unseen))
  const { sealer, me, roster } = author
  const recordsOf = async (snapshot: Snapshot) =>
    openRecords(snapshot, sealer, await readRoster(snapshot, sealer, roster))
  return {
    me,
    opened,
    roster,
    read: (work) => engine.read(async (snapshot) => work(await recordsOf(snapshot))),
    inspect: (work) => engine.read(async (snapshot) => work({ snapshot, sealer, records: await recordsOf(snapshot) })),
    async consult(decide) {
      const made = await engine.read(async (snapshot) => decide(await recordsOf(snapshot), options.clock()))
      if ('answer' in made && made.changes.length === 0) return made.answer
      // Decided again, on the state that the commit finds.
      return (await commitDecision(engine, author, opened, options, decide)).answer
    },
    commit: (decide) => commitDecision(engine, author, opened, options, decide),
  }
}

/** The operator with what the store holds for them: their keyring, and their place in the roster. */
async function openAuthor(
  snapshot: Snapshot,
  keys: OperatorKeys,
  random: DeskOptions['random'],
  known: Known,
): Promise<{ author: Author; opened: OpenedKeyring }> {
  const sealed = await readKeyring(snapshot, keys)
  const before = known.opened ?? null
  const same = before !== null && equalBytes(before.sealed, sealed)
  const keyring = same ? before.keyring : openKeyring(sealed, keys.boxSecret)
  if (keyring === null) throw damagedRecord(KEYRING, keys.operatorId)
  const sealer = createSealer(keyring, snapshot.storeId, random)
  const roster = await readRoster(snapshot, sealer, known.roster ?? null)
  const me = findMe(roster.roster, keys)
  if (!same) requireMine(roster.roster, { sealed, keyring }, me, keys)
  return { author: { keys, keyring, sealer, me, roster }, opened: { sealed, keyring } }
}

function findMe(roster: Roster, { operatorId }: OperatorKeys): Operator {
  const me = findMember(roster, encodeHex(operatorId))
  // Whoever has a keyring is in the roster: both are written in one commit.
  if (me === undefined || me.removedAt !== null) throw damagedRecord(KEYRING, operatorId)
  return me
}

/** Anybody can seal a keyring to an operator: it must hold the keys that the roster's admins have stated, and ours must be on record. */
function requireMine(roster: Roster, { keyring }: OpenedKeyring, me: Operator, keys: OperatorKeys): void {
  if (!isStatedKeyring(keyring, roster.keys)) throw damagedRecord(KEYRING, keys.operatorId)
  // What is signed with another key than the one on record would stop everybody at the next commit.
  const mine = encodeHex(derivePublicKey(keys.signingSeed)) === me.signKey
  if (!mine) throw damagedRecord('operator', keys.operatorId)
}

/** The sealed keyring of an operator. Throws `refused` where there is none. */
async function readKeyring(snapshot: Snapshot, { operatorId }: OperatorKeys): Promise<Uint8Array> {
  const row = await snapshot.getRow(KEYRING, operatorId)
  if (row === null)
    throw new KeydeskError(
      'refused',
      'not-an-operator',
      'you are not an operator of this store',
      'ask an administrator of this desk',
    )
  return row.listed
}

async function commitDecision<A>(
  engine: Engine,
  author: Author,
  { sealed }: OpenedKeyring,
  { clock, random, anchor }: DeskOptions,
  decide: (records: Records, now: number) => Promise<Decision<A>>,
): Promise<Committed<A>> {
  const { decision, entry, at } = await engine.commit(async (commit) => {
    // Whoever was removed, got another role, or holds keys that were replaced since they opened the desk, writes no more.
    if (!equalBytes(await readKeyring(commit, author.keys), sealed)) throw keysChanged()
    const { sealer } = author
    const roster = await readRoster(commit, sealer, author.roster)
    const tail = await readTail(commit, { roster })
    const now = clock()
    const made = await decide(openRecords(commit, sealer, roster), now)
    const entry = await writeDecision(commit, { ...author, roster }, tail, made, now, random)
    return { decision: made, at: now, entry: toAnchor(entry) }
  })
  await anchor?.keep(entry)
  if ('refusal' in decision) throw KeydeskError.of(decision.refusal)
  return { answer: decision.answer, ...entry, at }
}

function keysChanged(): KeydeskError {
  return new KeydeskError(
    'refused',
    'keys-changed',
    'your keys at this desk were changed meanwhile',
    'repeat the command',
  )
}
