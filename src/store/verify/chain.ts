/**
 * Verifies the record from its first entry on: none is missing, each follows the one before it, its operator signed it, and what
 * it says opens and names the same operator. It is read in short snapshots, and checked between them, so that confirming goes on
 * meanwhile. That its end was cut off, which no chain can show by itself, is found against a checkpoint.
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

/** Some ten milliseconds of reading, and fifty of checking. */
const BATCH = 500
const KEY_BYTES = 32

/** The operators that have signed so far, by id; null for one that nobody knows. Each key is imported once. */
type Signers = Map<string, Signer | null>

type Inspected = Pick<Desk, 'inspect'>
/** Told how much of it is verified. */
export type ShowProgress = (done: number, total: number) => void

/** Stops at the first entry that does not hold. */
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
    // What cannot be read took its batch along: an entry at a time, it is told which.
    await walkOn(desk, walk, signers, 1, show).catch((again: unknown) => {
      if (!isDamage(again)) throw again
      walk.fail('unreadable', walk.seq + 1, `entry ${walk.seq + 1} cannot be read: ${again.refusal.message}`)
    })
  }
  return walk.report()
}

/** Goes on from where the walk is, to the end or the first fault. */
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

/** All signatures at once, on other threads, while this one opens what the entries say. */
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
