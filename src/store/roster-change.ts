/**
 * What a change of operators, keys or policy writes: the statement in the roster that its author signs, and the keyrings that follow from
 * it. New keys take everything with them: every row is sealed anew, every index made anew, in the same commit.
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
import type { Writing } from './commit-writer.ts'
import { extendKeyring, KEYRING, type Keyring, restrictKeyring, sealKeyring } from './keyring.ts'
import { resealRows } from './rekey.ts'
import { ROSTER, stateChange } from './roster.ts'
import { createSealer } from './sealer.ts'

async function state(writing: Writing, change: RosterChange): Promise<Roster> {
  const { keys, sealer, commit } = writing
  const { roster, row } = stateChange(commit.storeId, keys, sealer, writing.roster, change)
  writing.roster = roster
  await writing.put(ROSTER, row)
  return roster
}

/** The first statement of a store: its founder, and the keys of generation 1. */
export async function foundRoster(writing: Writing, operator: Operator, salt: Uint8Array): Promise<void> {
  const newest = Object.entries(writing.keyring).map(([section, keys]) => [section, keys.at(-1)?.key])
  const keys: Commitments = commitToKeys(Object.fromEntries(newest) as SectionKeys, 1)
  await state(writing, { kind: 'founder', operator, salt: encodeHex(salt), keys })
  await giveKeyring(writing, operator)
}

/** A new operator, or another role: what the role may read is sealed to them. */
export async function addOperator(writing: Writing, operator: Operator): Promise<void> {
  await state(writing, { kind: 'operator', operator })
  await giveKeyring(writing, operator)
}

export async function removeOperator(
  writing: Writing,
  { operatorId, at }: Extract<Change, { put: 'removal' }>,
): Promise<void> {
  await state(writing, { kind: 'removal', operatorId, at })
  await writing.delete(KEYRING, idOf(operatorId))
}

export async function statePolicy(writing: Writing, { key, value }: Extract<Change, { put: 'policy' }>): Promise<void> {
  await state(writing, { kind: 'policy', key, value })
}

export async function addKeys(writing: Writing, keys: SectionKeys): Promise<void> {
  const generation = (writing.roster?.keys.length ?? 0) + 1
  const roster = await state(writing, { kind: 'keys', keys: commitToKeys(keys, generation) })
  const before = writing.sealer
  writing.keyring = extendKeyring(writing.keyring, keys, generation)
  writing.sealer = createSealer(writing.keyring, writing.commit.storeId, writing.random)
  for (const member of presentMembers(roster)) {
    const row = keyringRow(writing, writing.keyring, member)
    await writing.commit.putRow(KEYRING, row)
  }
  // Reckoned from nothing: every row is another one now.
  writing.restart(await resealRows(writing.commit, before, writing.sealer))
}

async function giveKeyring(writing: Writing, operator: Operator): Promise<void> {
  await writing.put(KEYRING, keyringRow(writing, writing.keyring, operator))
}

function keyringRow({ sealer, random }: Writing, keyring: Keyring, { operatorId, boxKey, role }: Operator) {
  const part = restrictKeyring(keyring, SECTIONS_OF[role])
  const listed = sealKeyring(part, decodeHex(boxKey) as Uint8Array, random)
  return { id: idOf(operatorId), generation: sealer.generation, listed, secret: null }
}

const idOf = (operatorId: string): Uint8Array => decodeHex(operatorId) as Uint8Array
