/**
 * The newcomer's side of joining.
 * - `keydesk operator request` draws the newcomer's keys. The private keys never leave this workstation.
 * - `keydesk operator accept` takes the welcome. Then the store must prove that it is the store of the welcome, and
 *   that its roster has the newcomer.
 */
import { writeFileSync } from 'node:fs'
import type { DeskGlobals } from '../../console/globals.ts'
import { readWord, tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { decodeHex, encodeHex } from '../../crypto/bytes.ts'
import { decodeWelcome, encodeJoinRequest, fingerprintWords, type Welcome } from '../../crypto/join.ts'
import { deriveStoreId } from '../../crypto/roster.ts'
import type { Roster } from '../../desk/records/roster.ts'
import { KeydeskError } from '../../errors.ts'
import { anchorOf } from '../../session/anchor.ts'
import { openLogin } from '../../session/login.ts'
import { passphraseFile, readNewPassphrase } from '../../session/passphrase.ts'
import { readConfig, targetOf } from '../../session/target.ts'
import { openDesk } from '../../store/desk.ts'
import { drawOperatorKeys, publicKeysOf } from '../../store/keyring.ts'
import { withStore } from '../../store/with-store.ts'
import { printAnswer } from '../../term/answer.ts'
import { checkName, escapeText } from '../../term/escape.ts'
import { openWorkstation, type PendingLogin } from '../../workstation/config.ts'
import { sealKeys } from '../../workstation/logins.ts'
import { compareFingerprint, type FingerprintOptions } from './fingerprint.ts'

export type RequestOptions = DeskGlobals & { readonly out?: string }
export type AcceptOptions = DeskGlobals & FingerprintOptions

export async function requestJoin(context: Context, options: RequestOptions): Promise<void> {
  const { places, random, logN } = context
  const name = checkName(targetOf(context, options).operator ?? missingName(), 'operator')
  const passphrase = await readNewPassphrase(context, options, passphraseFile(context, options))
  const keys = drawOperatorKeys(random)
  const { boxKey, signKey } = publicKeysOf(keys)
  const pending = {
    operator: name,
    operatorId: encodeHex(keys.operatorId),
    slot: sealKeys(keys, passphrase, logN, random),
  }
  await (await openWorkstation(places, random)).update((config) => ({
    ...config,
    requests: [...config.requests, pending],
  }))
  const halves = { boxKey: decodeHex(boxKey), signKey: decodeHex(signKey) }
  const request = encodeJoinRequest(keys.signingSeed, { operatorId: keys.operatorId, ...halves, name })
  const fingerprint = fingerprintWords(request).join(' ')
  if (options.out !== undefined) writeFileSync(options.out, `${request}\n`, { flag: 'wx', mode: 0o600 })
  await printAnswer(context.io, options, {
    json: { request, fingerprint, operatorId: pending.operatorId, operator: name },
    ...(options.out === undefined && { value: request }),
    screen: () => (options.out === undefined ? `${request}\n` : `Wrote ${escapeText(options.out)}.\n`),
  })
  tell(context, options, `say these six words to your administrator: ${fingerprint}`)
}

function missingName(): never {
  throw new KeydeskError('usage', 'operator-missing', 'who are you?', 'name yourself: --operator NAME')
}

export async function acceptWelcome(context: Context, options: AcceptOptions, argument: string): Promise<void> {
  const text = readWord(context, argument, 'keydesk:welcome/')
  const welcome = decodeWelcome(text) ?? noWelcome()
  const operatorId = encodeHex(welcome.operatorId)
  const pending = (await readConfig(context)).requests.find((each) => each.operatorId === operatorId) ?? notAsked()
  await compareFingerprint(context, options, text, 'your administrator')
  const store = targetOf(context, options).store ?? context.places.store
  const storeId = encodeHex(deriveStoreId(welcome.founderKey, welcome.salt))
  const { role } = await proveStore(context, options, welcome, { ...pending, store, storeId })
  await promote(context, pending, store, storeId)
  const { organisation } = welcome
  await printAnswer(context.io, options, {
    json: { store, organisation, operator: pending.operator, role },
    screen: () => `${escapeText(pending.operator)} is an operator of ${escapeText(organisation)} (${role}).\n`,
  })
  tell(context, options, 'hint: keydesk unlock')
}

type Place = PendingLogin & { readonly store: string; readonly storeId: string }

/**
 * Opens the desk with the newcomer's keys. Throws `rejected` if its roster has no admin with the key of the welcome.
 */
async function proveStore(context: Context, options: AcceptOptions, { adminKey }: Welcome, login: Place) {
  const { places, clock, random } = context
  return withStore(places, login, async (engine) => {
    const keys = await openLogin(context, options, login)
    const desk = await openDesk(engine, keys, { clock, random, anchor: anchorOf(context, options, login.storeId) })
    if (!isAdminsKey(desk.roster.roster, encodeHex(adminKey))) throw notAnAdmins()
    return desk.me
  })
}

const isAdminsKey = ({ members }: Roster, signKey: string): boolean =>
  members.some((member) => member.signKey === signKey && member.role === 'admin')

/** Replaces the pending request by a login, in one write of the config. */
async function promote(
  { places, random }: Context,
  pending: PendingLogin,
  store: string,
  storeId: string,
): Promise<void> {
  const workstation = await openWorkstation(places, random)
  await workstation.update(({ requests, logins, defaultStore, ...rest }) => ({
    ...rest,
    defaultStore: store === places.store ? store : (defaultStore ?? store),
    logins: [...logins, { ...pending, store, storeId }],
    requests: requests.filter(({ operatorId }) => operatorId !== pending.operatorId),
  }))
}

function noWelcome(): never {
  const hint = 'it begins with keydesk:welcome/1/ and is one line; have it sent again'
  throw new KeydeskError('mistyped', 'bad-welcome', 'this is not a whole answer to a request', hint)
}

function notAsked(): never {
  const hint = 'accept it at the workstation where keydesk operator request was run'
  throw new KeydeskError('notfound', 'no-request', 'this answers no request of this workstation', hint)
}

function notAnAdmins(): KeydeskError {
  const hint = 'ask your administrator for a new answer'
  return new KeydeskError(
    'rejected',
    'not-an-admin',
    'the answer was signed by nobody who is an admin of this store',
    hint,
  )
}
