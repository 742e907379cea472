/** The logins of a workstation. Each has an operator's own keys for one store, under their passphrase. */
import { encodeBase64Url, encodeText } from '../crypto/bytes.ts'
import { sealSlot } from '../crypto/slot.ts'
import { encodeOperatorKeys, type OperatorKeys } from '../store/keyring.ts'
import { type Login, openWorkstation } from './config.ts'
import type { Places } from './places.ts'

type Random = (count: number) => Uint8Array

/**
 * Seals the keys into a slot of kind 3, bound to the operator's id, with scrypt's N = 2^logN. Returns base64url, as a
 * login has it.
 */
export function sealKeys(keys: OperatorKeys, passphrase: string, logN: number, random: Random): string {
  const seal = { kind: 'operator', context: keys.operatorId, salt: random(16), logN } as const
  return encodeBase64Url(sealSlot(encodeText(passphrase), encodeOperatorKeys(keys), seal))
}

/**
 * Adds the login to the others. The default store is the one at the platform's own path, else the first one. Resolves
 * to whether this store is the default.
 */
export async function keepLogin(places: Places, random: Random, login: Login): Promise<{ isDefault: boolean }> {
  const workstation = await openWorkstation(places, random)
  await workstation.update(({ defaultStore, logins, ...rest }) => ({
    ...rest,
    defaultStore: login.store === places.store ? login.store : (defaultStore ?? login.store),
    logins: [...logins, login],
  }))
  return { isDefault: workstation.read().defaultStore === login.store }
}

/** Replaces the login of this operator with `next`. */
export async function replaceLogin(places: Places, random: Random, operatorId: string, next: Login): Promise<void> {
  const workstation = await openWorkstation(places, random)
  await workstation.update((config) => ({
    ...config,
    logins: config.logins.map((login) => (login.operatorId === operatorId ? next : login)),
  }))
}
