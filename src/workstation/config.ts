/**
 * The workstation's config: the known stores, the anchor of each, and the operators' own keys, each in a slot under a
 * passphrase.
 * - It is a conf file, sealed under a key of this workstation. An edited file, or a plain one in its place, is refused.
 * - That key lies beside the config. The passphrase and the file modes protect the operators' keys.
 * - The config is small, updated under a lock, read back after writing, and off the hot path.
 */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { HexId } from '../crypto/bytes.ts'
import { NONCE_BYTES } from '../crypto/seal.ts'
import type { Anchor } from '../desk/anchor.ts'
import { KeydeskError } from '../errors.ts'
import { guardStore } from '../files/errors.ts'
import { withLock } from '../files/lock.ts'
import { makePrivateDirectory, requirePrivate, requirePrivateParent } from '../files/modes.ts'
import { syncDirectory } from '../files/sync-directory.ts'
import type { Places } from './places.ts'
import { damagedConfig, drawConfigKey, openConfig, readConfigKey, sealConfig } from './sealed-config.ts'

/** An operator who can unlock a store here. */
export type Login = {
  /** Absolute path of the store. */
  readonly store: string
  /** Hexadecimal. */
  readonly storeId: string
  readonly operator: string
  readonly operatorId: HexId
  /** A slot of kind 3 in base64url: the operator's secret keys under the passphrase, bound to the operator's id. */
  readonly slot: string
  /** A token in base64url by which the store knows this workstation as trusted. */
  readonly trust?: string
}
/** Keys that were drawn for a request to join a desk. They wait for the welcome. */
export type PendingLogin = Pick<Login, 'operator' | 'operatorId' | 'slot'>

export type WorkstationConfig = {
  readonly defaultStore: string | null
  readonly logins: readonly Login[]
  /** By store id: the newest entry that this workstation has seen of the store. */
  readonly anchors: Readonly<Record<string, Anchor>>
  readonly requests: readonly PendingLogin[]
}

export type Workstation = {
  read(): WorkstationConfig
  update(change: (config: WorkstationConfig) => WorkstationConfig): Promise<void>
}

type Conf = { store: WorkstationConfig }

const NAME = 'workstation'
const LOCK_WAIT_MS = 5_000
export const EMPTY: WorkstationConfig = { defaultStore: null, logins: [], anchors: {}, requests: [] }

/** Whether this workstation has a config; if not, there is nothing to read. */
export function hasWorkstation({ config }: Places): boolean {
  return existsSync(filesIn(config).sealed)
}

export const configFile = ({ config }: Places): string => filesIn(config).sealed

/** The paths of the config's files. `before` is a copy of the old config, kept while a new one is written. */
function filesIn(directory: string) {
  const sealed = join(directory, `${NAME}.keydesk`)
  return {
    key: join(directory, `${NAME}.key`),
    sealed,
    before: `${sealed}.before`,
    lock: join(directory, `${NAME}.lock`),
  }
}

/**
 * Opens the config. `openWorkstation`, `read` and `update` all throw `refused` (modes, disk full), `damaged` or `busy`.
 */
export async function openWorkstation(places: Places, random: (count: number) => Uint8Array): Promise<Workstation> {
  const { default: Conf } = await import('conf')
  const files = filesIn(places.config)
  makePrivateDirectory(places.config)
  requirePrivateParent(files.sealed, places.uid)
  const options = {
    cwd: places.config,
    configName: NAME,
    fileExtension: 'keydesk',
    projectName: 'keydesk',
    configFileMode: 0o600,
  }
  const open = (): Conf => {
    for (const path of [files.key, files.sealed].filter((path) => existsSync(path))) requirePrivate(path, places.uid)
    const key = readConfigKey(files.key)
    return new Conf<WorkstationConfig>({
      ...options,
      clearInvalidConfig: false,
      accessPropertiesByDotNotation: false,
      serialize: (config) => sealConfig(key, config, random(NONCE_BYTES)),
      deserialize: (text) => openConfig<WorkstationConfig>(key, text, files.sealed),
    })
  }
  const alone = <T>(work: () => T) => withLock(files.lock, LOCK_WAIT_MS, () => guardStore(files.sealed, work))
  if (existsSync(files.before)) await alone(() => recoverConfig(files, open))
  return {
    read: () => guardStore(files.sealed, () => (existsSync(files.sealed) ? { ...EMPTY, ...open().store } : EMPTY)),
    update: (change) =>
      alone(() => {
        recoverConfig(files, open)
        if (!existsSync(files.sealed)) drawConfigKey(files.key, random)
        replaceConfig(files, open, change)
      }),
  }
}

type Files = ReturnType<typeof filesIn>

/**
 * Writes the config as `change` makes it. On a full disk conf writes only a part of it, and reports no error. So the
 * old config is copied first, while there is room. If the new one does not read back, the copy takes its place again.
 */
function replaceConfig(files: Files, open: () => Conf, change: (config: WorkstationConfig) => WorkstationConfig): void {
  const conf = open()
  const next = change({ ...EMPTY, ...conf.store })
  if (existsSync(files.sealed))
    writeFileSync(files.before, readFileSync(files.sealed), { flag: 'wx', mode: 0o600, flush: true })
  try {
    conf.store = next
    if (JSON.stringify(open().store) !== JSON.stringify(next)) throw damagedConfig(files.sealed)
  } catch (error) {
    if (existsSync(files.before)) renameSync(files.before, files.sealed)
    else rmSync(files.sealed, { force: true })
    throw isDamage(error) ? notWritten(files.sealed) : error
  }
  rmSync(files.before, { force: true })
  syncDirectory(dirname(files.sealed))
}

/** After an interrupted update: keeps the new config if it is complete, else puts the old one back. */
function recoverConfig(files: Files, open: () => Conf): void {
  if (!existsSync(files.before)) return
  readConfigKey(files.key)
  if (isWhole(files, open)) rmSync(files.before)
  else renameSync(files.before, files.sealed)
}

function isWhole({ sealed }: Files, open: () => Conf): boolean {
  try {
    return existsSync(sealed) && open().store !== null
  } catch (error) {
    if (isDamage(error)) return false
    throw error
  }
}

const isDamage = (error: unknown): boolean => error instanceof KeydeskError && error.refusal.kind === 'damaged'

function notWritten(path: string): KeydeskError {
  return new KeydeskError(
    'refused',
    'disk-full',
    `${path} could not be written whole; nothing was changed`,
    'free some space, then repeat the command',
  )
}
