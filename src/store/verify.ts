/**
 * Verifies a whole store: what the engine finds wrong with its file, every row that the operator's keys open, every blind index, the
 * digest of all rows against the newest entry's, and the audit chain. It goes on after a fault, so that all of them are told. Rows,
 * indexes and digest are of one snapshot: while it lasts, writers wait.
 */
import { equalBytes } from '../crypto/bytes.ts'
import { KeydeskError } from '../errors.ts'
import { type ShowProgress, verifyChain } from './audit-verify.ts'
import type { ChainReport } from './chain-walk.ts'
import type { Desk, Inspection } from './desk.ts'
import { FaultList, type StoreFault } from './fault-list.ts'
import { type RowCounts, RowSurvey } from './row-survey.ts'

export type StoreReport = RowCounts & {
  readonly chain: ChainReport
  /** The first of them. */
  readonly faults: readonly StoreFault[]
  readonly faultCount: number
}

export async function verifyStore(desk: Pick<Desk, 'inspect' | 'opened'>, show: ShowProgress): Promise<StoreReport> {
  const faults = new FaultList()
  const survey = new RowSurvey(faults, desk.opened.keyring.secrets !== undefined)
  await goOn(faults, () => desk.inspect(({ snapshot }) => findFileFaults(snapshot, faults)))
  await goOn(faults, () => desk.inspect((inspection) => surveyRows(inspection, survey, faults)))
  const chain = await verifyChain(desk, [], show)
  if (chain.fault !== null) faults.add(`entry-${chain.fault.what}`, chain.fault.message)
  return { ...survey.counts(), chain, faults: faults.first(), faultCount: faults.count }
}

/** What is too damaged to be read is one fault more, and no end. */
async function goOn(faults: FaultList, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof KeydeskError) || error.refusal.kind !== 'damaged') throw error
    faults.add('unreadable', error.refusal.message)
  }
}

async function findFileFaults(snapshot: Inspection['snapshot'], faults: FaultList): Promise<void> {
  for (const line of await snapshot.findFaults()) faults.add('file', `the file is damaged: ${line}`)
}

async function surveyRows({ snapshot, sealer }: Inspection, survey: RowSurvey, faults: FaultList): Promise<void> {
  for (const collection of await snapshot.listCollections())
    for await (const row of snapshot.scanRows(collection)) survey.addRow(sealer, collection, row)
  for await (const index of snapshot.scanIndexes()) survey.addIndex(index)
  survey.end()
  const newest = await snapshot.lastEntry()
  if (newest !== null && !equalBytes(newest.digest, survey.sumUp()))
    faults.add(
      'digest',
      `the rows are not those that entry ${newest.seq} was written with: some were taken out, added or put back`,
    )
}
