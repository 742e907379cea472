/**
 * The logins of this workstation. Each holds an operator's keys under a passphrase. A login is never deleted: its store
 * may be missing only for now (an unmounted disk, a backup to restore).
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
 * The named login, or the only one. `storeId` is the wanted store, if it is known. Throws `notfound`, or `usage` if
 * several logins match.
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

/** Keeps the logins of the store that is at this path now. An earlier store may have had the same path. */
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

/** Opens the operator's slot with the passphrase. Throws `locked` if it is wrong or cannot be asked for. */
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
