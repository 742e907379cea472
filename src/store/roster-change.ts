/**
 * Writes a change of operators, keys or policy in one commit:
 * - the statement in the roster, signed by the operator who makes the change
 * - the keyrings that follow from it
 * - after new keys: every row sealed again, and every index replaced
 */
import { decodeHex, encodeHex } from '../crypto/bytes.ts'
import type { Change } from '../desk/decision.ts'
import type { Operator } from '../desk/records/index.ts'
import { SECTIONS_OF } from '../desk/records/roles.ts'
import {
  type Commitments,
  commitToKeys,
  presentMembers,
  type Roster,
  type RosterChange,
  type SectionKeys,
} from '../desk/records/roster.ts'
import type { CommitWriter } from './commit-writer.ts'
import { extendKeyring, KEYRING, type Keyring, restrictKeyring, sealKeyring } from './keyring.ts'
import { resealRows } from './rekey.ts'
import { ROSTER, stateChange } from './roster.ts'
import { createSealer } from './sealer.ts'

async function state(writer: CommitWriter, change: RosterChange): Promise<Roster> {
  const { keys, sealer, commit } = writer
  const { roster, row } = stateChange(commit.storeId, keys, sealer, writer.roster, change)
  writer.roster = roster
  await writer.put(ROSTER, row)
  return roster
}

/** Writes the first statement of a store (its founder and the keys of generation 1), and the founder's keyring. */
export async function foundRoster(writer: CommitWriter, operator: Operator, salt: Uint8Array): Promise<void> {
  const newest = Object.entries(writer.keyring).map(([section, keys]) => [section, keys.at(-1)?.key])
  const keys: Commitments = commitToKeys(Object.fromEntries(newest) as SectionKeys, 1)
  await state(writer, { kind: 'founder', operator, salt: encodeHex(salt), keys })
  await giveKeyring(writer, operator)
}

/** Adds an operator or changes their role: the section keys of the role are sealed to them. */
export async function addOperator(writer: CommitWriter, operator: Operator): Promise<void> {
  await state(writer, { kind: 'operator', operator })
  await giveKeyring(writer, operator)
}

export async function removeOperator(
  writer: CommitWriter,
  { operatorId, at }: Extract<Change, { put: 'removal' }>,
): Promise<void> {
  await state(writer, { kind: 'removal', operatorId, at })
  await writer.delete(KEYRING, decodeHex(operatorId))
}

export async function statePolicy(
  writer: CommitWriter,
  { key, value }: Extract<Change, { put: 'policy' }>,
): Promise<void> {
  await state(writer, { kind: 'policy', key, value })
}

export async function addKeys(writer: CommitWriter, keys: SectionKeys): Promise<void> {
  const generation = (writer.roster?.keys.length ?? 0) + 1
  const roster = await state(writer, { kind: 'keys', keys: commitToKeys(keys, generation) })
  const before = writer.sealer
  writer.keyring = extendKeyring(writer.keyring, keys, generation)
  writer.sealer = createSealer(writer.keyring, writer.commit.storeId, writer.random)
  for (const member of presentMembers(roster)) {
    const row = keyringRow(writer, writer.keyring, member)
    await writer.commit.putRow(KEYRING, row)
  }
  // The digest is computed from zero: every row is different now.
  writer.restart(await resealRows(writer.commit, before, writer.sealer))
}

async function giveKeyring(writer: CommitWriter, operator: Operator): Promise<void> {
  await writer.put(KEYRING, keyringRow(writer, writer.keyring, operator))
}

function keyringRow({ sealer, random }: CommitWriter, keyring: Keyring, { operatorId, boxKey, role }: Operator) {
  const part = restrictKeyring(keyring, SECTIONS_OF[role])
  const listed = sealKeyring(part, decodeHex(boxKey), random)
  return { id: decodeHex(operatorId), generation: sealer.generation, listed, secret: null }
}
