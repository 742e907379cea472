/**
 * Verifies the audit log from its first entry on.
 * - No entry may be missing, and each one must follow the one before it.
 * - The operator of each entry must have signed it. Its body must open and name the same operator.
 * - Entries are read in short snapshots and checked between them, so that commits can go on.
 * - A chain cannot show that its end was cut off: only a checkpoint shows that.
 */
import { type ChainedEntry, createEntryVerifier, isCovered } from '../../crypto/audit-chain.ts'
import { decodeHex, encodeHex } from '../../crypto/bytes.ts'
import type { Checkpoint } from '../../crypto/checkpoint.ts'
import type { AuditEntry } from '../../desk/records/index.ts'
import { KeydeskError } from '../../errors.ts'
import type { Desk } from '../desk.ts'
import { openEntry, type Records } from '../records.ts'
import type { Sealer } from '../sealer.ts'
import { type ChainReport, ChainWalk, type LookedAt, type Signer } from './chain-walk.ts'

/** Reading 500 entries takes some ten milliseconds, and checking them fifty. */
const BATCH = 500
const KEY_BYTES = 32

/** The operators of the entries so far, by id; null for an unknown operator. Each public key is imported once. */
type Signers = Map<string, Signer | null>

type Inspected = Pick<Desk, 'inspect'>
/** Called with the number of entries or rows that are verified, and with their total. */
export type ShowProgress = (done: number, total: number) => void

/** Verifies the chain up to the first fault, and reports it. */
export async function verifyChain(
  desk: Inspected,
  checkpoints: readonly Checkpoint[],
  show: ShowProgress,
): Promise<ChainReport> {
  const walk = await desk.inspect(async ({ snapshot }) => new ChainWalk(snapshot.storeId, checkpoints))
  const signers: Signers = new Map()
  try {
    await walkOn(desk, walk, signers, BATCH, show)
  } catch (error) {
    if (!isDamage(error)) throw error
    // An unreadable entry makes its whole batch fail. Reading one entry at a time finds which one it is.
    await walkOn(desk, walk, signers, 1, show).catch((again: unknown) => {
      if (!isDamage(again)) throw again
      walk.fail('unreadable', walk.seq + 1, `entry ${walk.seq + 1} cannot be read: ${again.refusal.message}`)
    })
  }
  return walk.report()
}

/** Continues from the walk's position, to the end or to the first fault. */
async function walkOn(desk: Inspected, walk: ChainWalk, signers: Signers, size: number, show: ShowProgress) {
  while (walk.fault === null) {
    const { entries, newest, sealer } = await readSealed(desk, walk.seq, size, signers)
    for (const looked of await lookAt(entries, sealer, signers)) walk.check(looked)
    if (entries.length === 0) {
      walk.end()
      return
    }
    show(walk.seq, newest)
  }
}

/** Verifies all signatures at once on Node's thread pool, while this thread opens the bodies. */
async function lookAt(entries: readonly ChainedEntry[], sealer: Sealer, signers: Signers): Promise<LookedAt[]> {
  const signerOf = ({ operatorId }: ChainedEntry) => signers.get(encodeHex(operatorId)) ?? null
  const signed = Promise.all(entries.map((entry) => isCovered(entry) || (signerOf(entry)?.isSigned(entry) ?? false)))
  const opened = entries.map((entry) => tryOpen(sealer, entry))
  const isSigned = await signed
  return entries.map((entry, i) => ({
    entry,
    signer: signerOf(entry),
    isSigned: isSigned[i] === true,
    opened: opened[i] ?? null,
  }))
}

function tryOpen(sealer: Sealer, entry: ChainedEntry): AuditEntry | null {
  try {
    return openEntry(sealer, entry)
  } catch (error) {
    if (isDamage(error)) return null
    throw error
  }
}

function isDamage(error: unknown): error is KeydeskError {
  return error instanceof KeydeskError && error.refusal.kind === 'damaged'
}

function readSealed(desk: Inspected, after: number, size: number, signers: Signers) {
  return desk.inspect(async ({ snapshot, sealer, records: openRecords }) => {
    const records = await openRecords()
    const newest = (await snapshot.lastEntry())?.seq ?? 0
    const entries: ChainedEntry[] = []
    for await (const entry of snapshot.scanEntries(after)) {
      entries.push(entry)
      const id = encodeHex(entry.operatorId)
      if (!signers.has(id)) signers.set(id, await readSigner(records, id))
      if (entries.length === size) break
    }
    return { entries, newest, sealer }
  })
}

async function readSigner(records: Records, operatorId: string): Promise<Signer | null> {
  const operator = await records.operator(operatorId)
  const key = operator === null ? null : decodeHex(operator.signKey)
  return operator === null || key?.length !== KEY_BYTES
    ? null
    : { name: operator.name, isSigned: createEntryVerifier(key) }
}
