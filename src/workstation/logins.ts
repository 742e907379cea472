/** The logins of a workstation: an operator's own keys under their passphrase, for one store. */
import { encodeBase64Url, encodeText } from '../crypto/bytes.ts'
import { sealSlot } from '../crypto/slot.ts'
import { encodeOperatorKeys, type OperatorKeys } from '../store/keyring.ts'
import { type Login, openWorkstation } from './config.ts'
import type { Places } from './places.ts'

type Random = (count: number) => Uint8Array

/** Kind 3, bound to the operator's id: base64url, as a login holds it. */
export function sealKeys(keys: OperatorKeys, passphrase: string, logN: number, random: Random): string {
  const seal = { kind: 'operator', context: keys.operatorId, salt: random(16), logN } as const
  return encodeBase64Url(sealSlot(encodeText(passphrase), encodeOperatorKeys(keys), seal))
}

/** Remembers the login beside all others. The default is the store at the platform's own place, else the first one. */
export async function keepLogin(places: Places, random: Random, login: Login): Promise<{ isDefault: boolean }> {
  const workstation = await openWorkstation(places, random)
  await workstation.update(({ defaultStore, logins, ...rest }) => ({
    ...rest,
    defaultStore: login.store === places.store ? login.store : (defaultStore ?? login.store),
    logins: [...logins, login],
  }))
  return { isDefault: workstation.read().defaultStore === login.store }
}

/** Puts another login in the place of the one of this operator. */
export async function replaceLogin(places: Places, random: Random, operatorId: string, next: Login): Promise<void> {
  const workstation = await openWorkstation(places, random)
  await workstation.update((config) => ({
    ...config,
    logins: config.logins.map((login) => (login.operatorId === operatorId ? next : login)),
  }))
}
