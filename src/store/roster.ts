/**
 * The roster as rows in the store.
 * - Each statement is sealed under the section *directory*, so that every role can read it.
 * - Each statement is signed by an admin.
 * - All statements are verified, from the first to the last, before any of them is believed.
 */
import {
  concatBytes,
  decodeBase64Url,
  decodeHex,
  encodeBase64Url,
  encodeHex,
  encodeU64,
  equalBytes,
} from '../crypto/bytes.ts'
import type { SignedStatement } from '../crypto/roster.ts'
import { rosterGenesis, signStatement } from '../crypto/roster.ts'
import { foldStatement, type Roster, type RosterChange } from '../desk/records/roster.ts'
import type { SealedRow, Snapshot } from './engine.ts'
import type { OperatorKeys } from './keyring.ts'
import { damagedRecord, type Sealer } from './sealer.ts'

export const ROSTER = 'roster'

/**
 * A verified roster, with the sealed bytes of its last statement. While the store still ends with these bytes, the
 * roster need not be verified again.
 */
export type OpenedRoster = { readonly roster: Roster; readonly sealedHead: Uint8Array }
/** A statement as a record: `signer` in hexadecimal, `signature` in base64url. */
type Stated = { readonly body: string; readonly signer: string; readonly signature: string }

/** The seq as a row id: 16 bytes, the seq in the last 8. */
const statementId = (seq: number): Uint8Array => concatBytes(new Uint8Array(8), encodeU64(seq))

/**
 * Verifies the roster, or returns `known` if the store has not changed it. Throws `damaged` for an invalid roster, and
 * names the statement.
 */
export async function readRoster(
  snapshot: Snapshot,
  sealer: Sealer,
  known: OpenedRoster | null,
): Promise<OpenedRoster> {
  if (known !== null && (await isCurrent(snapshot, known))) return known
  let roster: Roster | null = null
  let sealedHead: Uint8Array | null = null
  // Looked up one by one: a scan would read every device row too.
  for (let seq = 1; ; seq++) {
    const row = await snapshot.getRow(ROSTER, statementId(seq))
    if (row === null) break
    roster = foldStatement(snapshot.storeId, roster, openStatement(sealer, row, seq))
    sealedHead = row.listed
    if (roster === null) throw damagedRecord(ROSTER, row.id)
  }
  if (roster === null || sealedHead === null) throw damagedRecord(ROSTER, statementId(1))
  const { seq } = roster.head
  // There are more rows than statements: one of them comes after a gap.
  if ((await snapshot.countRows(ROSTER)) !== seq) throw damagedRecord(ROSTER, statementId(seq + 1))
  return { roster, sealedHead }
}

/**
 * Whether the last statement is still the last, with the same sealed bytes. The same bytes cannot open to another
 * statement.
 */
async function isCurrent(snapshot: Snapshot, { roster, sealedHead }: OpenedRoster): Promise<boolean> {
  const { seq } = roster.head
  const last = await snapshot.getRow(ROSTER, statementId(seq))
  return (
    last !== null &&
    equalBytes(last.listed, sealedHead) &&
    (await snapshot.getRow(ROSTER, statementId(seq + 1))) === null
  )
}

function openStatement(sealer: Sealer, row: SealedRow, seq: number): SignedStatement {
  const { body, signer, signature } = sealer.openListed<Stated>(ROSTER, row)
  const signerId = decodeHex(String(signer))
  const bytes = decodeBase64Url(String(signature))
  const inPlace = equalBytes(row.id, statementId(seq)) && row.secret === null
  if (!inPlace || typeof body !== 'string' || signerId?.length !== 16 || bytes === null)
    throw damagedRecord(ROSTER, row.id)
  return { seq, signerId, body, signature: bytes }
}

/**
 * Returns the roster with one more change, and the row that states it. If `roster` is null, the change founds one.
 * Throws `damaged` for a change that is not valid on this roster.
 */
export function stateChange(
  storeId: Uint8Array,
  { operatorId, signingSeed }: OperatorKeys,
  sealer: Sealer,
  roster: Roster | null,
  change: RosterChange,
): OpenedRoster & { readonly row: SealedRow } {
  const { seq, hash } = roster?.head ?? { seq: 0, hash: rosterGenesis(storeId) }
  const body = JSON.stringify(change)
  const statement = signStatement(signingSeed, storeId, hash, { seq: seq + 1, signerId: operatorId, body })
  const id = statementId(seq + 1)
  const next = foldStatement(storeId, roster, statement)
  // The new statement must pass the check that every reader makes.
  if (next === null) throw damagedRecord(ROSTER, id)
  const record: Stated = {
    body,
    signer: encodeHex(operatorId),
    signature: encodeBase64Url(statement.signature),
  }
  const listed = sealer.sealListed(ROSTER, id, record)
  return { roster: next, sealedHead: listed, row: { id, generation: sealer.generation, listed, secret: null } }
}
