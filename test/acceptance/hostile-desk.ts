/**
 * A desk with a hostile name as its organisation and first operator. It is created past the commands, which refuse such
 * names.
 */
import { dirname } from 'node:path'
import { decodeHex, encodeHex } from '../../src/crypto/bytes.ts'
import { deriveStoreId, SALT_BYTES } from '../../src/crypto/roster.ts'
import { SECTIONS } from '../../src/crypto/section.ts'
import { decideInit } from '../../src/desk/operator.ts'
import type { Operator } from '../../src/desk/records/index.ts'
import { makePrivateDirectory } from '../../src/files/modes.ts'
import { fillStore } from '../../src/store/founding.ts'
import { drawKeyring, drawOperatorKeys, publicKeysOf } from '../../src/store/keyring.ts'
import { createSqlite } from '../../src/store/sqlite/open.ts'
import { keepLogin, sealKeys } from '../../src/workstation/logins.ts'
import { type Bench, createWorkstation, expectOk, openContext, PASSPHRASE } from '../commands/bench.ts'

/** Creates the desk and unlocks it. `name` is the organisation and the operator, so every audit entry has it. */
export async function createHostileDesk(name: string): Promise<Bench> {
  const bench = createWorkstation()
  const { places, random, clock, logN } = openContext(bench)
  const keys = drawOperatorKeys(random)
  const salt = random(SALT_BYTES)
  const operatorId = encodeHex(keys.operatorId)
  const me: Operator = { operatorId, name, role: 'admin', ...publicKeysOf(keys), addedAt: clock() }
  const id = deriveStoreId(decodeHex(me.signKey) as Uint8Array, salt)
  const login = { store: places.store, storeId: encodeHex(id), operator: name, operatorId }
  await keepLogin(places, random, { ...login, slot: sealKeys(keys, PASSPHRASE, logN, random) })
  makePrivateDirectory(dirname(places.store))
  const founding = { keys, keyring: drawKeyring(SECTIONS, random), me, salt }
  const decision = decideInit(name, { now: clock(), operator: me })
  await createSqlite(places.store, id, (engine) => fillStore(engine, founding, decision, { clock, random }))
  await unlockHostile(bench)
  return bench
}

export async function unlockHostile(bench: Bench): Promise<void> {
  await expectOk(bench, ['unlock', '--for', '24h', '--passphrase-file', '-'], { input: `${PASSPHRASE}\n` })
}
