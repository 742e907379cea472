/**
 * Who may act here: the logins that this workstation knows, the operator's keys under a passphrase in each. A login is
 * never thrown away: a store that is away today (a disk that is not mounted, a backup to come) can be opened with it
 * tomorrow.
 */
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import { decodeBase64Url, decodeHex, encodeText } from '../crypto/bytes.ts'
import { openSlot } from '../crypto/slot.ts'
import { KeydeskError } from '../errors.ts'
import { decodeOperatorKeys, type OperatorKeys } from '../store/keyring.ts'
import { openSqlite } from '../store/sqlite/open.ts'
import { readStoreId } from '../store/with-store.ts'
import type { Login } from '../workstation/config.ts'
import { readPassphrase } from './passphrase.ts'
import { readConfig, type Target } from './target.ts'

/**
 * The login that was asked for, or the only one; `storeId` is the store that is meant, where that is known. Throws `notfound`, or `usage` when several would do.
 */
export async function findLogin(context: Context, { store, operator }: Target, storeId?: string): Promise<Login> {
  const { defaultStore, logins } = await readConfig(context)
  const path = store ?? defaultStore
  const forPath = logins.filter((login) => login.store === path)
  const here =
    storeId === undefined ? await ofThisStore(context, forPath) : forPath.filter((login) => login.storeId === storeId)
  const [found, ...others] = here.filter((login) => (operator ?? login.operator) === login.operator)
  if (found !== undefined && others.length === 0) return found
  throw found === undefined ? notSetUp(path, operator, here) : severalOperators(here)
}

function notSetUp(path: string | null, operator: string | undefined, here: readonly Login[]): KeydeskError {
  if (here.length > 0) {
    const hint = `set up here: ${namesOf(here)}`
    return new KeydeskError('notfound', 'no-login', `${operator} is not set up here for ${path}`, hint)
  }
  const message = path === null ? 'no store is set up here' : `no store is set up here at ${path}`
  return new KeydeskError('notfound', 'no-login', message, 'keydesk init --org NAME --operator NAME')
}

function severalOperators(here: readonly Login[]): KeydeskError {
  const hint = `name one by --operator: ${namesOf(here)}`
  return new KeydeskError('usage', 'operator-missing', 'several operators use this store here', hint)
}

const namesOf = (logins: readonly Login[]): string => logins.map(({ operator }) => operator).join(', ')

/**
 * Of the logins for one path, those for the store that stands there now: an earlier one may have stood in its place.
 */
async function ofThisStore({ places }: Context, logins: readonly Login[]): Promise<readonly Login[]> {
  const [first] = logins
  if (first === undefined || logins.every(({ storeId }) => storeId === first.storeId)) return logins
  const engine = openSqlite(first.store, { uid: places.uid })
  try {
    const storeId = await readStoreId(engine)
    return logins.filter((login) => login.storeId === storeId)
  } finally {
    await engine.close()
  }
}

/** Opens the operator's slot with the passphrase. Throws `locked` when it is wrong or cannot be asked for. */
export async function openLogin(
  context: Context,
  globals: DeskGlobals,
  login: Pick<Login, 'operator' | 'operatorId' | 'slot'>,
): Promise<OperatorKeys> {
  const { operator, operatorId, slot } = login
  const passphrase = await readPassphrase(context, globals, operator)
  const id = decodeHex(operatorId)
  const seal = { kind: 'operator', context: id, logN: context.logN } as const
  const opened = openSlot(encodeText(passphrase), decodeBase64Url(slot) as Uint8Array, seal)
  if (opened.ok) return decodeOperatorKeys(id, opened.payload) as OperatorKeys
  if (opened.why === 'wrong')
    throw new KeydeskError(
      'locked',
      'wrong-passphrase',
      `this is not the passphrase of ${operator}`,
      'mind capital letters and the layout of the keyboard',
    )
  const message = `the keys of ${operator} on this workstation do not verify`
  throw new KeydeskError('damaged', 'damaged-slot', message, 'restore the workstation’s config from a backup')
}
