/**
 * Gathers the facts for `doctor`, without a passphrase and without a change. An unreadable file is a fact too: the
 * refusal that a command would get.
 */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DeskGlobals } from '../../console/globals.ts'
import { writeTime } from '../../console/times.ts'
import { type Context, type Environment, systemMachine } from '../../context.ts'
import type { Refusal } from '../../errors.ts'
import { describeError, quoteWord } from '../../errors.ts'
import { requirePrivateDirectory, requirePrivateParent } from '../../files/modes.ts'
import type { HealthAnswer } from '../../operations/health.ts'
import { readConfig, targetOf } from '../../session/target.ts'
import { NEEDED_NODE } from '../../version.ts'
import { configFile, type WorkstationConfig } from '../../workstation/config.ts'
import { type AgentFacts, askHealth, attempt, findAgent } from './agent.ts'
import { describeStore, type StoreState } from './store-state.ts'

export type StoreFacts = StoreState & { readonly path: string }
export type Facts = {
  readonly now: number
  readonly platform: string
  readonly node: string
  readonly needed: string
  readonly umask: number
  /** Whether this process was started with an inspector. */
  readonly inspected: boolean
  readonly env: Environment
  readonly terminal: boolean
  readonly columns: number
  /** KEYDESK_* variables that name a missing file. */
  readonly missing: readonly string[]
  /** Variables that name a secret file which others can read. The path is quoted for a shell. */
  readonly openSecrets: readonly { readonly name: string; readonly path: string }[]
  /** The operators with a login here. Null if the config cannot be read. */
  readonly operators: readonly string[] | null
  /** The refusals for files and directories with wrong modes. */
  readonly modes: readonly Refusal[]
  readonly readable: readonly { readonly path: string; readonly mend: string }[]
  readonly configRefusal: Refusal | null
  /** Null if no store is set up and none was named. */
  readonly store: StoreFacts | null
  readonly agent: AgentFacts
  /** The agent's answer about the store. Null if no operator is unlocked. */
  readonly health: HealthAnswer | null
  readonly writeTime: (milliseconds: number) => string
}

const SECRET_FILES = ['KEYDESK_PASSPHRASE_FILE', 'KEYDESK_SMTP_PASSWORD_FILE'] as const

export async function gatherFacts(context: Context, options: DeskGlobals): Promise<Facts> {
  const { io, env, places } = context
  const config = await attempt(() => readConfig(context))
  const path = findStore(context, options, config.value)
  const health = path === null ? null : await askHealth(context, options, path)
  return {
    ...systemMachine(),
    now: context.clock(),
    needed: NEEDED_NODE,
    env,
    terminal: io.stdoutIsTerminal,
    columns: io.columns,
    missing: ['KEYDESK_STORE', ...SECRET_FILES].filter((name) => isMissing(env[name])),
    openSecrets: findOpen(env),
    operators: config.value?.logins.map(({ operator }) => operator) ?? null,
    modes: refusals([
      () => existsSync(places.config) && requirePrivateParent(configFile(places), places.uid),
      () =>
        places.runtime !== null && existsSync(places.runtime) && requirePrivateDirectory(places.runtime, places.uid),
    ]),
    readable:
      places.uid !== null && isOpen(places.config)
        ? [{ path: places.config, mend: `chmod 700 ${quoteWord(places.config)}` }]
        : [],
    configRefusal: config.refusal,
    store: path === null ? null : { path, ...(await describeStore(path, places.uid, config.value)) },
    agent: await findAgent(context, health),
    health: typeof health === 'string' ? null : health,
    writeTime: (milliseconds) => writeTime(context, milliseconds),
  }
}

function refusals(works: readonly (() => unknown)[]): Refusal[] {
  return works.flatMap((work) => {
    try {
      work()
      return []
    } catch (error) {
      return [describeError(error)]
    }
  })
}

/** The named store, or the default one. Null if no store is named, set up or at the default path. */
function findStore({ places, env }: Context, options: DeskGlobals, config: WorkstationConfig | null): string | null {
  const { store } = targetOf({ env } as Context, options)
  if (store !== undefined) return store
  const usual = config?.defaultStore ?? places.store
  return config?.logins.some((login) => login.store === usual) || existsSync(usual) ? usual : null
}

const isMissing = (file: string | undefined): boolean =>
  Boolean(file) && file !== '-' && !existsSync(resolve(file as string))
const isOpen = (path: string): boolean => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0

function findOpen(env: Environment): Facts['openSecrets'] {
  if (systemMachine().platform === 'win32') return []
  return SECRET_FILES.flatMap((name) => {
    const file = env[name]
    return file && file !== '-' && isOpen(file) ? [{ name, path: quoteWord(file) }] : []
  })
}
