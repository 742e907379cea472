/**
 * Holds the agent's keys by store and operator until they are idle for too long, reach their limit, or `lock` forgets
 * them.
 * - Deadlines use the wall clock, which also runs while a laptop sleeps.
 * - If the clock is set back, the deadlines move back with it, so that no key is held longer.
 */
import type { Held, KeyReply, KeyRequest } from './keys.ts'
import type { Which } from './socket.ts'

type Entry = { readonly held: Held; readonly idleMs: number; limit: number; idleUntil: number }

export class KeyHolder {
  readonly #clock: () => number
  #entries: Entry[] = []
  #latest: number
  /** True until the first keys arrive. */
  isFresh = true

  constructor(clock: () => number) {
    this.#clock = clock
    this.#latest = clock()
  }

  isEmpty(): boolean {
    this.#expire()
    return this.#entries.length === 0
  }

  answer(request: KeyRequest): KeyReply {
    const now = this.#expire()
    if (request.op === 'put') return this.#put(request, now)
    if (request.op === 'lock') return { held: this.forget(request).map(describeEntry) }
    const found = this.#matching(request)
    // A status request does not extend the idle time.
    if (request.op === 'status') return { held: found.map(describeEntry) }
    const newest = found.at(-1)
    if (newest === undefined) return { held: [] }
    newest.idleUntil = now + newest.idleMs
    return { held: [{ ...describeEntry(newest), keys: newest.held.keys }] }
  }

  /** Forgets the matching entries; all of them if `which` is empty. */
  forget(which: Which): Entry[] {
    const gone = this.#matching(which)
    this.#entries = this.#entries.filter((entry) => !gone.includes(entry))
    return gone
  }

  #put({ held, idleSeconds, limitSeconds }: Extract<KeyRequest, { op: 'put' }>, now: number): KeyReply {
    this.forget(held)
    const idleMs = idleSeconds * 1000
    const entry = { held, idleMs, idleUntil: now + idleMs, limit: now + limitSeconds * 1000 }
    this.#entries.push(entry)
    this.isFresh = false
    return { held: [describeEntry(entry)] }
  }

  #matching({ store, operator }: Which): Entry[] {
    return this.#entries.filter(
      ({ held }) => (store ?? held.store) === held.store && (operator ?? held.operator) === held.operator,
    )
  }

  /** Forgets expired entries. Returns the time in milliseconds since 1970. */
  #expire(): number {
    const now = this.#clock()
    const setBack = Math.max(this.#latest - now, 0)
    this.#latest = now
    for (const entry of this.#entries) {
      entry.limit -= setBack
      entry.idleUntil -= setBack
    }
    this.#entries = this.#entries.filter(({ limit, idleUntil }) => now < limit && now < idleUntil)
    return now
  }
}

/** An entry as every client may see it: without keys. */
function describeEntry({ held, limit, idleUntil }: Entry): Held {
  return { ...held, keys: null, expiresAt: Math.min(limit, idleUntil) }
}
