/**
 * The second factor of an operator, after the right passphrase.
 * - A trusted workstation needs no code. Otherwise a code of the operator's app, or a recovery code, is asked for.
 * - If policy demands an app and the operator has none, the app is set up at once.
 * - `desk/totp/second-factor.ts` decides whether the second factor is enough, in the commit that unlocks.
 */
import type { DeskGlobals } from '../console/globals.ts'
import { mayAsk, readArgument } from '../console/input.ts'
import type { Context } from '../context.ts'
import { decodeBase64Url, encodeBase64Url, encodeHex } from '../crypto/bytes.ts'
import type { Policy } from '../desk/records/policy.ts'
import { decideUnlockBy, decideUse, demandOf, type FactorAnswer, type GivenFactor } from '../desk/totp/second-factor.ts'
import { KeydeskError } from '../errors.ts'
import { ownerOfOperator, readHeld } from '../operations/totp.ts'
import type { Committed, Desk } from '../store/desk.ts'
import type { Records } from '../store/records.ts'
import { checkName, escapeText } from '../term/escape.ts'
import type { Login } from '../workstation/config.ts'
import { parseFactor, parseTotp } from './app-code.ts'
import { enrollOperator } from './own-app.ts'

export type FactorOptions = DeskGlobals & { readonly totp?: string; readonly trust?: string | true }
type Gate = { readonly desk: Desk; readonly login: Login; readonly policy: Policy; readonly limitSeconds: number }

const TOKEN_BYTES = 32
/** After these refusals the set-up asks again instead of ending, because its QR code is shown only once. */
const ASK_AGAIN: readonly string[] = ['wrong-code', 'used-code', 'code-too-far']

/** Commits the unlocking with its second factor. Throws `locked` if the second factor is missing or wrong. */
export async function unlockByFactor(
  context: Context,
  options: FactorOptions,
  gate: Gate,
): Promise<Committed<FactorAnswer>> {
  const { desk, login, policy } = gate
  const trust = options.trust === undefined ? null : drawTrust(context, options.trust)
  const token = trust === null ? tokenOf(login) : null
  const typed = options.totp === undefined ? null : parseFactor(readArgument(context, options.totp))
  const demand = await desk.read(async (records) =>
    demandOf(await heldBy(records, desk), token, policy, { now: context.clock(), operator: desk.me }),
  )
  const given = { code: typed, token, trust }
  const asks = typed === null && mayAsk(context, options)
  if (demand === 'setup' && asks) return setUp(context, gate, given)
  const code = demand === 'code' && asks ? await askCode(context) : typed
  return commit(context, gate, { ...given, code })
}

/**
 * Checks the second factor for a command whose keys the passphrase opened. Throws `locked` if the passphrase alone is
 * not enough.
 */
export async function requireFactor(desk: Desk, login: Login, policy: Policy): Promise<void> {
  await desk.consult(async (records, now) =>
    decideUse(await heldBy(records, desk), tokenOf(login), policy, { now, operator: desk.me }),
  )
}

async function setUp(context: Context, gate: Gate, given: GivenFactor): Promise<Committed<FactorAnswer>> {
  const { io, prompt } = context
  io.err('Policy demands an authenticator app of every operator, and none is in force for you. Set it up now:\n\n')
  const { shown } = await enrollOperator(context, gate.desk)
  io.err(`${shown}\n`)
  for (;;) {
    const code = await prompt.text('First code of the app')
    try {
      return await commit(context, gate, { ...given, code: parseTotp(code) })
    } catch (error) {
      const refusal = error instanceof KeydeskError ? error.refusal : null
      const isFinal = refusal === null || refusal.details?.['retryAfterSeconds'] !== undefined
      if (isFinal || !(refusal.kind === 'mistyped' || ASK_AGAIN.includes(refusal.reason))) throw error
      io.err(`${escapeText(refusal.message)}\n`)
    }
  }
}

async function commit(context: Context, { desk, login, policy, limitSeconds }: Gate, given: GivenFactor) {
  const committed = await desk.commit(async (records, now) =>
    decideUnlockBy(limitSeconds, await heldBy(records, desk), given, policy, { now, operator: desk.me }),
  )
  if (given.trust !== null && committed.answer.trustedUntil !== null) await keepToken(context, login, given.trust.token)
  return committed
}

const heldBy = (records: Records, { me }: Desk) => readHeld(records, ownerOfOperator(me))
const tokenOf = ({ trust }: Login): Uint8Array | null => (trust === undefined ? null : decodeBase64Url(trust))
const askCode = async ({ prompt }: Context): Promise<string> =>
  parseFactor(await prompt.text('Code of your authenticator app, or a recovery code'))

function drawTrust({ random }: Context, name: string | true): NonNullable<GivenFactor['trust']> {
  return {
    trustId: encodeHex(random(4)),
    name: name === true ? 'workstation' : checkName(name, 'name of the workstation'),
    token: random(TOKEN_BYTES),
  }
}

async function keepToken({ places, random }: Context, login: Login, token: Uint8Array): Promise<void> {
  const { openWorkstation } = await import('../workstation/config.ts')
  const isMine = ({ storeId, operatorId }: Login) => storeId === login.storeId && operatorId === login.operatorId
  await (await openWorkstation(places, random)).update((config) => ({
    ...config,
    logins: config.logins.map((each) => (isMine(each) ? { ...each, trust: encodeBase64Url(token) } : each)),
  }))
}
