/**
 * Opens a keyring and makes the signer of a desk: the operator with their keys and their place in the roster. Nothing
 * of this is believed before the keyring has the keys that the roster's admins stated.
 */
import { encodeHex, equalBytes } from '../crypto/bytes.ts'
import { derivePublicKey } from '../crypto/signature.ts'
import type { Operator } from '../desk/records/index.ts'
import { findMember, type Roster } from '../desk/records/roster.ts'
import { KeydeskError } from '../errors.ts'
import type { Signer } from './commit.ts'
import type { Snapshot } from './engine.ts'
import { isStatedKeyring, KEYRING, type OpenedKeyring, type OperatorKeys, openKeyring } from './keyring.ts'
import { type OpenedRoster, readRoster } from './roster.ts'
import { createSealer, damagedRecord } from './sealer.ts'

/**
 * The keyring and the roster that were opened and verified earlier. They need not be verified again while the store
 * holds the same bytes.
 */
export type Known = { readonly opened?: OpenedKeyring | null; readonly roster?: OpenedRoster | null }

/**
 * Opens the operator's keyring and finds the operator in the verified roster. Throws `refused` if they have no keyring,
 * and `damaged` if the keyring or the roster is invalid.
 */
export async function openSigner(
  snapshot: Snapshot,
  keys: OperatorKeys,
  random: (count: number) => Uint8Array,
  known: Known,
): Promise<{ signer: Signer; opened: OpenedKeyring }> {
  const sealed = await readKeyring(snapshot, keys)
  const before = known.opened ?? null
  const same = before !== null && equalBytes(before.sealed, sealed)
  const keyring = same ? before.keyring : openKeyring(sealed, keys.boxSecret)
  if (keyring === null) throw damagedRecord(KEYRING, keys.operatorId)
  const sealer = createSealer(keyring, snapshot.storeId, random)
  const roster = await readRoster(snapshot, sealer, known.roster ?? null)
  const me = findMe(roster.roster, keys)
  if (!same) requireMine(roster.roster, { sealed, keyring }, me, keys)
  return { signer: { keys, keyring, sealer, me, roster }, opened: { sealed, keyring } }
}

function findMe(roster: Roster, { operatorId }: OperatorKeys): Operator {
  const me = findMember(roster, encodeHex(operatorId))
  // One commit writes both the keyring and the statement, so each operator with a keyring is in the roster.
  if (me === undefined || me.removedAt !== null) throw damagedRecord(KEYRING, operatorId)
  return me
}

/**
 * Anyone can seal a keyring to an operator. So the keyring must hold the keys that the roster's admins stated. The
 * roster must also state our signing key.
 */
function requireMine(roster: Roster, { keyring }: OpenedKeyring, me: Operator, keys: OperatorKeys): void {
  if (!isStatedKeyring(keyring, roster.keys)) throw damagedRecord(KEYRING, keys.operatorId)
  // If the roster states another signing key, our next entry would fail verification. That would stop every operator's
  // next commit.
  const mine = encodeHex(derivePublicKey(keys.signingSeed)) === me.signKey
  if (!mine) throw damagedRecord('operator', keys.operatorId)
}

/** The sealed keyring of an operator. Throws `refused` if there is none. */
export async function readKeyring(snapshot: Snapshot, { operatorId }: OperatorKeys): Promise<Uint8Array> {
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
