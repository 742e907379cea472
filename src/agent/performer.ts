/**
 * Performs operations in the agent, with the keys that it holds and on the store of these keys.
 * - Operations run one after another. Those that only look do not wait for the others.
 * - If the store is busy, the agent waits between short tries, and not inside SQLite. So `lock` works meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { describeError, KeydeskError } from '../errors.ts'
import { OPERATIONS, type OperationName } from '../operations/index.ts'
import { NameDirectory } from '../operations/name-directory.ts'
import type { Operation } from '../operations/operation.ts'
import { type DeskOptions, openDesk } from '../store/desk.ts'
import type { OpenedRoster } from '../store/roster.ts'
import { withStore } from '../store/with-store.ts'
import type { Places } from '../workstation/places.ts'
import { AnchorKeeper } from './anchor.ts'
import { decodeKeys, type EncodedKeys, type Held } from './keys.ts'
import type { AgentOptions } from './server.ts'
import type { Outcome, Work } from './work.ts'

const BUSY_WITHIN_MS = 5_000
const TRY_MS = 20

type World = Pick<DeskOptions, 'clock' | 'random'> & { readonly places: Places; readonly anchors: AnchorKeeper }

/** Caches that the agent keeps from one operation to the next. */
type Memory = {
  /** Each store's verified roster, by store id. It is not secret, and may outlive the keys. */
  readonly rosters: Map<string, OpenedRoster>
  /** By the keys that opened the names. A WeakMap forgets each directory with its keys. */
  readonly directories: WeakMap<EncodedKeys, NameDirectory>
}

/**
 * Makes the function with which `serveAgent` performs work. It never rejects: an error becomes an outcome with a
 * refusal.
 */
function createPerformer(world: World): (held: Held, work: Work) => Promise<Outcome> {
  let turn: Promise<unknown> = Promise.resolve()
  const memory: Memory = { rosters: new Map(), directories: new WeakMap() }
  return (held, work) => {
    if (findOperation(work.name)?.onlyLooks) return perform(world, memory, held, work)
    const mine = turn.then(() => perform(world, memory, held, work))
    turn = mine
    return mine
  }
}

async function perform(world: World, memory: Memory, held: Held, { name, request }: Work): Promise<Outcome> {
  try {
    const operation = findOperation(name)
    if (operation?.accepts(request) !== true) throw new TypeError('request: one of the operations expected')
    const encoded = held.keys as EncodedKeys
    const { keys, opened } = decodeKeys(encoded)
    const { clock, random, places, anchors } = world
    const options = { clock, random, anchor: anchors.of(held.storeId) }
    const once = () =>
      withStore({ uid: places.uid, busyTimeoutMs: TRY_MS }, held, async (engine) => {
        const { rosters } = memory
        const desk = await openDesk(engine, keys, options, { opened, roster: rosters.get(held.storeId) ?? null })
        rosters.set(held.storeId, desk.roster)
        return operation.perform(desk, request, directoryOf(memory, encoded))
      })
    return { answer: await patiently(once) }
  } catch (error) {
    return { refusal: describeError(error) }
  }
}

function directoryOf({ directories }: Memory, keys: EncodedKeys): NameDirectory {
  const known = directories.get(keys)
  if (known !== undefined) return known
  const directory = new NameDirectory()
  directories.set(keys, directory)
  return directory
}

function findOperation(name: string): Operation<unknown, unknown> | undefined {
  // Safe as `unknown`: `accepts` checks each request before an operation is performed.
  return Object.hasOwn(OPERATIONS, name)
    ? (OPERATIONS[name as OperationName] as Operation<unknown, unknown>)
    : undefined
}

/** Retries while the store is busy. An attempt that fails as busy was not begun, or was rolled back completely. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + BUSY_WITHIN_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const busy = error instanceof KeydeskError && error.refusal.kind === 'busy'
      if (!busy || performance.now() > until) throw error
      await sleep(TRY_MS)
    }
  }
}

/** The options of a real agent, as `bin/` starts it. */
export function agentOptions({ places, clock, random }: Omit<World, 'anchors'>): AgentOptions {
  const anchors = new AnchorKeeper(places, random)
  return { anchors, perform: createPerformer({ places, clock, random, anchors }) }
}

const FIRST_TAB: Work = { name: 'directory.complete', request: { kind: 'device', prefix: '', limit: 1 } }

/**
 * Adds reading ahead: the names of a fleet are read as soon as there are keys. The first TAB and the first search then
 * find them cached.
 */
export function readingAhead(options: AgentOptions): AgentOptions {
  // An error is ignored here: the next request for names meets it again and reports it.
  return { ...options, unlocked: (held) => void options.perform?.(held, FIRST_TAB) }
}
