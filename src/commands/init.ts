/**
 * `keydesk init`: creates a store and its first administrator. The operator's keys are durable on disk before the new
 * store gets its name. A crash therefore leaves either no store, or one that the operator can open.
 */
import { dirname } from 'node:path'
import type { Command } from 'commander'
import type { DeskGlobals } from '../console/globals.ts'
import { tell } from '../console/input.ts'
import type { Context } from '../context.ts'
import { decodeHex, encodeHex } from '../crypto/bytes.ts'
import { deriveStoreId, SALT_BYTES } from '../crypto/roster.ts'
import { SECTIONS } from '../crypto/section.ts'
import { decideInit } from '../desk/operator.ts'
import type { Operator } from '../desk/records/index.ts'
import { KeydeskError, quoteWord } from '../errors.ts'
import { makePrivateDirectory, requirePrivateParent } from '../files/modes.ts'
import { anchorOf } from '../session/anchor.ts'
import { passphraseFile, readNewPassphrase } from '../session/passphrase.ts'
import { targetOf } from '../session/target.ts'
import { fillStore } from '../store/founding.ts'
import { drawKeyring, drawOperatorKeys, publicKeysOf } from '../store/keyring.ts'
import { createSqlite, requireNoStore } from '../store/sqlite/open.ts'
import { printAnswer } from '../term/answer.ts'
import { checkName } from '../term/escape.ts'
import { keepLogin, sealKeys } from '../workstation/logins.ts'

type InitOptions = DeskGlobals & { readonly org: string }

export function registerInit(command: Command, context: Context): void {
  command
    .requiredOption('--org <name>', 'name of the organisation')
    .addHelpText('after', '\nExample:\n  keydesk init --org "Röntgen AG" --operator anna')
    .action(async () => init(context, command.optsWithGlobals<InitOptions>()))
}

async function init(context: Context, options: InitOptions): Promise<void> {
  const wanted = targetOf(context, options)
  const store = wanted.store ?? context.places.store
  const organisation = checkName(options.org, 'organisation')
  const operator = checkName(wanted.operator ?? missingOperator(), 'operator')
  requireNoStore(store)
  const passphrase = await readNewPassphrase(context, options, passphraseFile(context, options))
  makePrivateDirectory(dirname(store))
  requirePrivateParent(store, context.places.uid)
  const { isDefault } = await createDesk(context, options, { store, organisation, operator, passphrase })
  await printAnswer(context.io, options, {
    json: { store, organisation, operator, role: 'admin' },
    screen: () => `Created ${store} for ${organisation}.\n${operator} is its first administrator.\n`,
  })
  tell(context, options, `hint: keydesk unlock${isDefault ? '' : ` --store ${quoteWord(store)}`}`)
}

function missingOperator(): never {
  const hint = 'name them: --operator NAME'
  throw new KeydeskError('usage', 'operator-missing', 'who is the first administrator?', hint)
}

type NewDesk = { store: string; organisation: string; operator: string; passphrase: string }

async function createDesk(context: Context, options: InitOptions, made: NewDesk) {
  const { store, organisation, operator, passphrase } = made
  const keys = drawOperatorKeys(context.random)
  const salt = context.random(SALT_BYTES)
  const operatorId = encodeHex(keys.operatorId)
  const addedAt = context.clock()
  const me: Operator = { operatorId, name: operator, role: 'admin', ...publicKeysOf(keys), addedAt }
  const storeId = deriveStoreId(decodeHex(me.signKey), salt)
  const slot = sealKeys(keys, passphrase, context.logN, context.random)
  const kept = await keepLogin(context.places, context.random, {
    store,
    storeId: encodeHex(storeId),
    operator,
    operatorId,
    slot,
  })
  const decision = decideInit(organisation, { now: addedAt, operator: me })
  const keyring = drawKeyring(SECTIONS, context.random)
  const { clock, random } = context
  const desk = { clock, random, anchor: anchorOf(context, options, encodeHex(storeId)) }
  await createSqlite(store, storeId, (engine) => fillStore(engine, { keys, keyring, me, salt }, decision, desk))
  return kept
}
