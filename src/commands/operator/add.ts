/**
 * `keydesk operator add`: adds an operator in one of two ways.
 * - By a request from the newcomer's own workstation. The answer is a welcome.
 * - At this workstation: the newcomer types a passphrase here and gets a login here.
 */
import { readWord, tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { decodeHex, encodeHex } from '../../crypto/bytes.ts'
import { decodeJoinRequest, encodeWelcome, fingerprintWords, type JoinRequest } from '../../crypto/join.ts'
import { decideAddOperator } from '../../desk/operator.ts'
import type { Operator, Role } from '../../desk/records/index.ts'
import { KeydeskError, quoteWord } from '../../errors.ts'
import { findKeys, withKeys } from '../../session/keys.ts'
import { type NewPassphraseOptions, readAnotherPassphrase } from '../../session/passphrase.ts'
import type { Desk } from '../../store/desk.ts'
import { drawOperatorKeys, publicKeysOf } from '../../store/keyring.ts'
import { printAnswer } from '../../term/answer.ts'
import { checkName, escapeText } from '../../term/escape.ts'
import { keepLogin, sealKeys } from '../../workstation/logins.ts'
import { compareFingerprint, type FingerprintOptions } from './fingerprint.ts'

export type AddOptions = NewPassphraseOptions & FingerprintOptions & { readonly role: Role; readonly name?: string }

export function addOperator(context: Context, options: AddOptions, request: string | undefined): Promise<void> {
  return request === undefined ? addHere(context, options) : addByRequest(context, options, request)
}

const commitAdding = (desk: Desk, record: Operator) =>
  desk.commit(async ({ roster }, now) =>
    decideAddOperator(roster, { ...record, addedAt: now }, { now, operator: desk.me }),
  )

async function addHere(context: Context, options: AddOptions): Promise<void> {
  const { places, random, logN } = context
  const name = checkName(options.name ?? missingName(), 'name')
  const found = await findKeys(context, options)
  const passphrase = await readAnotherPassphrase(context, options)
  const keys = drawOperatorKeys(random)
  const operatorId = encodeHex(keys.operatorId)
  const { store, storeId } = found
  const slot = sealKeys(keys, passphrase, logN, random)
  const record: Operator = { operatorId, name, role: options.role, ...publicKeysOf(keys), addedAt: 0 }
  const { seq } = await withKeys(context, options, found, (desk) => commitAdding(desk, record))
  // After the commit: if the commit is refused, no login for a missing operator stays behind.
  await keepLogin(places, random, { store, storeId, operator: name, operatorId, slot })
  await printAnswer(context.io, options, {
    json: { operatorId, name, role: options.role, auditSeq: seq },
    screen: () => `Added ${escapeText(name)} (${options.role}).\n`,
  })
  tell(context, options, `hint: keydesk unlock --operator ${escapeText(quoteWord(name))}`)
}

function missingName(): never {
  const hint = 'give --name NAME, or the request that they made: keydesk operator request'
  throw new KeydeskError('usage', 'operator-missing', 'who is to be added?', hint)
}

async function addByRequest(context: Context, options: AddOptions, argument: string): Promise<void> {
  if (options.name !== undefined)
    throw new KeydeskError('usage', 'options-exclude', 'REQUEST and --name exclude each other: it holds the name')
  const text = readWord(context, argument, 'keydesk:join/')
  const request = decodeJoinRequest(text) ?? noRequest()
  const name = checkName(request.name, 'name')
  const found = await findKeys(context, options)
  tell(context, options, `${escapeText(name)} asks to be added as ${options.role}`)
  await compareFingerprint(context, options, text, escapeText(name))
  const record = { ...publicHalves(request), name, role: options.role, addedAt: 0 }
  const { welcome, seq } = await withKeys(context, options, found, async (desk) => {
    const made = await commitAdding(desk, record)
    const signed = { operatorId: request.operatorId, adminKey: decodeHex(desk.me.signKey) }
    const where = await desk.read(async (records) => ({
      ...records.roster.founding,
      ...(await records.organisation()),
    }))
    const { founderKey, salt, name: organisation } = where
    return { ...made, welcome: encodeWelcome(found.keys.signingSeed, { ...signed, founderKey, salt, organisation }) }
  })
  const fingerprint = fingerprintWords(welcome).join(' ')
  await printAnswer(context.io, options, {
    json: { operatorId: record.operatorId, name, role: options.role, welcome, fingerprint, auditSeq: seq },
    value: welcome,
    screen: () => `Added ${escapeText(name)} (${options.role}). The answer for them:\n\n${welcome}\n`,
  })
  tell(context, options, `tell ${escapeText(name)} the six words of the answer: ${fingerprint}`)
}

function publicHalves({ operatorId, boxKey, signKey }: JoinRequest) {
  return { operatorId: encodeHex(operatorId), boxKey: encodeHex(boxKey), signKey: encodeHex(signKey) }
}

function noRequest(): never {
  const hint = 'it begins with keydesk:join/1/ and is one line; have it sent again'
  throw new KeydeskError('mistyped', 'bad-request', 'this is not a whole request', hint)
}
