/**
 * Verifies a whole store, and goes on after a fault, so that every fault is reported. It checks:
 * - the file, by the engine's own check
 * - every row that the operator's keys open, and every blind index
 * - the digest of all rows, against the newest entry's
 * - the roster and the audit chain
 * Rows, indexes and digest come from one snapshot. It lasts only until they are read into memory.
 */
import type { ChainedEntry } from '../../crypto/audit-chain.ts'
import { equalBytes } from '../../crypto/bytes.ts'
import { KeydeskError } from '../../errors.ts'
import type { Desk, Inspection } from '../desk.ts'
import type { SealedRow, Snapshot, StoredIndex } from '../engine.ts'
import { readRoster } from '../roster.ts'
import type { Sealer } from '../sealer.ts'
import { type ShowProgress, verifyChain } from './chain.ts'
import type { ChainReport } from './chain-walk.ts'
import { FaultList, type StoreFault } from './faults.ts'
import { type RowCounts, RowSurvey } from './rows.ts'

export type StoreReport = RowCounts & {
  readonly chain: ChainReport
  /** The first 20 faults. */
  readonly faults: readonly StoreFault[]
  readonly faultCount: number
}

/** Rows from one progress report to the next: some tenths of a second. */
const SHOW_EVERY = 1_000

/** All rows and indexes as they were read, still sealed. */
type Whole = {
  readonly rows: { readonly collection: string; readonly row: SealedRow }[]
  readonly indexes: StoredIndex[]
  newest: ChainedEntry | null
  sealer: Sealer | null
  /** False if a part was unreadable: then a missing row or index is not another fault. */
  isComplete: boolean
}

export async function verifyStore(desk: Pick<Desk, 'inspect' | 'opened'>, show: ShowProgress): Promise<StoreReport> {
  const faults = new FaultList()
  const survey = new RowSurvey(faults, desk.opened.keyring.secrets !== undefined)
  const whole: Whole = { rows: [], indexes: [], newest: null, sealer: null, isComplete: true }
  await goOn(faults, whole, () => desk.inspect(({ snapshot }) => findFileFaults(snapshot, faults)))
  await goOn(faults, whole, () => desk.inspect((inspection) => readWhole(inspection, whole, faults)))
  surveyRows(whole, survey, faults, show)
  await desk.inspect((inspection) => findRosterFault(inspection, faults))
  const chain = await verifyChain(desk, [], show)
  if (chain.fault !== null) faults.add(`entry-${chain.fault.what}`, chain.fault.message)
  return { ...survey.counts(), chain, faults: faults.first(), faultCount: faults.count }
}

/** Runs `work`. Damage that makes a part unreadable becomes one more fault, and verification goes on. */
async function goOn(faults: FaultList, whole: Whole, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof KeydeskError) || error.refusal.kind !== 'damaged') throw error
    whole.isComplete = false
    faults.add('unreadable', error.refusal.message)
  }
}

async function findFileFaults(snapshot: Snapshot, faults: FaultList): Promise<void> {
  for (const line of await snapshot.findFaults()) faults.add('file', `the file is damaged: ${line}`)
}

/** Only reads. Opening takes ten times as long, and writers wait while a snapshot lasts. */
async function readWhole({ snapshot, sealer }: Inspection, whole: Whole, faults: FaultList): Promise<void> {
  whole.sealer = sealer
  whole.newest = await snapshot.lastEntry()
  for (const collection of await snapshot.listCollections())
    await goOn(faults, whole, async () => {
      for await (const row of snapshot.scanRows(collection)) whole.rows.push({ collection, row })
    })
  await goOn(faults, whole, async () => {
    for await (const index of snapshot.scanIndexes()) whole.indexes.push(index)
  })
}

/** Verifies every statement. A command that has the roster cached checks only the last one. */
async function findRosterFault({ snapshot, sealer }: Inspection, faults: FaultList): Promise<void> {
  try {
    await readRoster(snapshot, sealer, null)
  } catch (error) {
    if (!(error instanceof KeydeskError) || error.refusal.kind !== 'damaged') throw error
    faults.add('roster', `the roster does not hold: ${error.refusal.message}`)
  }
}

function surveyRows(whole: Whole, survey: RowSurvey, faults: FaultList, show: ShowProgress): void {
  const { rows, indexes, newest, sealer, isComplete } = whole
  if (sealer === null) return
  for (const [i, { collection, row }] of rows.entries()) {
    survey.addRow(sealer, collection, row)
    if (i % SHOW_EVERY === 0) show(i, rows.length)
  }
  if (!isComplete) return
  for (const index of indexes) survey.addIndex(index)
  survey.end()
  if (newest === null || equalBytes(newest.digest, survey.sumUp())) return
  const message = `the rows are not those that entry ${newest.seq} was written with`
  faults.add('digest', `${message}: some were taken out, added, changed or put back`)
}
