/**
 * The desk's store as one operator holds it. `commit` is the only way to change anything: it reads, decides, and writes the new
 * state with its audit entry in one durable transaction, and only then lets the answer, or the refusal, out.
 */
import { decodeHex, encodeHex, equalBytes } from '../crypto/bytes.ts'
import { derivePublicKey } from '../crypto/signature.ts'
import type { Decision } from '../desk/decision.ts'
import type { Operator } from '../desk/records.ts'
import { KeydeskError } from '../errors.ts'
import { type Author, createTail, readTail, writeDecision } from './commit.ts'
import type { Engine, SealedRow, Snapshot } from './engine.ts'
import { type Keyring, type OpenedKeyring, type OperatorKeys, openKeyring, sealKeyring } from './keyring.ts'
import { openRecords, type Records } from './records.ts'
import { createSealer, damagedRecord, type Sealer } from './sealer.ts'
import { type AnchorPort, requireStanding, toAnchor } from './standing.ts'

const KEYRING = 'keyring'

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

/**
 * Opens the store as the operator; `known` is a keyring that was opened before. Throws `refused` for one who was removed,
 * `damaged` for a keyring that is not theirs, and for a store that does not stand where the anchor says.
 */
export async function openDesk(
  engine: Engine,
  keys: OperatorKeys,
  options: DeskOptions,
  known: OpenedKeyring | null = null,
): Promise<Desk> {
  // Read before the store is: a commit in between makes the store newer, and never older.
  const anchor = (await options.anchor?.read()) ?? null
  const { opened, unseen, ...author } = await engine.read(async (snapshot) => {
    const isNewer = options.anchor !== undefined && (await requireStanding(snapshot, anchor))
    const sealed = await readKeyring(snapshot, keys)
    const same = known !== null && equalBytes(known.sealed, sealed)
    const keyring = same ? known.keyring : openKeyring(sealed, keys.boxSecret)
    if (keyring === null) throw damagedRecord(KEYRING, keys.operatorId)
    const sealer = createSealer(keyring, snapshot.storeId, options.random)
    const me = await openRecords(snapshot, sealer).operator(encodeHex(keys.operatorId))
    // What is signed with another key than the one on record would stop everybody at the next commit.
    if (me === null || !(same || isSignedBy(me, keys))) throw damagedRecord('operator', keys.operatorId)
    const author = { keys, sealer, me }
    // Only an entry that an operator signed moves the anchor; one that was made up would make the real store look old.
    return { ...author, opened: { sealed, keyring }, unseen: isNewer ? await readTail(snapshot, author) : null }
  })
  if (unseen !== null) await options.anchor?.keep(toAnchor(unseen))
  return {
    me: author.me,
    opened,
    read: (work) => engine.read((snapshot) => work(openRecords(snapshot, author.sealer))),
    inspect: (work) =>
      engine.read((snapshot) =>
        work({ snapshot, sealer: author.sealer, records: openRecords(snapshot, author.sealer) }),
      ),
    async consult(decide) {
      const made = await engine.read((snapshot) => decide(openRecords(snapshot, author.sealer), options.clock()))
      if ('answer' in made && made.changes.length === 0) return made.answer
      // Decided again, on the state that the commit finds.
      return (await commitDecision(engine, author, opened, options, decide)).answer
    },
    commit: (decide) => commitDecision(engine, author, opened, options, decide),
  }
}

function isSignedBy({ signKey }: Operator, { signingSeed }: OperatorKeys): boolean {
  return encodeHex(derivePublicKey(signingSeed)) === signKey
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

/** Writes the first commit of a new store: what was decided, and the first operator's keyring. */
export async function fillStore(
  engine: Engine,
  keys: OperatorKeys,
  keyring: Keyring,
  me: Operator,
  decision: Decision<unknown>,
  { clock, random, anchor }: DeskOptions,
): Promise<void> {
  const first = await engine.commit(async (commit) => {
    const sealer = createSealer(keyring, commit.storeId, random)
    const listed = sealKeyring(keyring, decodeHex(me.boxKey) as Uint8Array, random)
    const row: SealedRow = { id: keys.operatorId, generation: sealer.generation, listed, secret: null }
    const author = { keys, sealer, me }
    const tail = createTail(commit.storeId)
    return writeDecision(commit, author, tail, decision, clock(), [{ collection: KEYRING, row }])
  })
  await anchor?.keep(toAnchor(first))
}

async function commitDecision<A>(
  engine: Engine,
  author: Author,
  { sealed }: OpenedKeyring,
  { clock, anchor }: DeskOptions,
  decide: (records: Records, now: number) => Promise<Decision<A>>,
): Promise<Committed<A>> {
  const { decision, entry, at } = await engine.commit(async (commit) => {
    // Whoever was removed, got another role, or holds keys that were replaced since they opened the desk, writes no more.
    if (!equalBytes(await readKeyring(commit, author.keys), sealed)) throw keysChanged()
    const tail = await readTail(commit, author)
    const now = clock()
    const made = await decide(openRecords(commit, author.sealer), now)
    return { decision: made, at: now, entry: toAnchor(await writeDecision(commit, author, tail, made, now)) }
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
