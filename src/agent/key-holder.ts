/**
 * What the agent holds, by store and operator, and for how long: until it lies idle, until its limit, until `lock`. Deadlines are by the
 * wall clock, which also runs while a laptop sleeps; a clock that is set back takes the deadlines with it, so nothing lives longer.
 */
import type { Held, KeyReply, KeyRequest } from './keys.ts'
import type { Which } from './socket.ts'

type Entry = { readonly held: Held; readonly idleMs: number; limit: number; idleUntil: number }

export class KeyHolder {
  readonly #clock: () => number
  #entries: Entry[] = []
  #latest: number
  /** Nothing was ever put in. */
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
    // Looking does not keep alive.
    if (request.op === 'status') return { held: found.map(describeEntry) }
    const newest = found.at(-1)
    if (newest === undefined) return { held: [] }
    newest.idleUntil = now + newest.idleMs
    return { held: [{ ...describeEntry(newest), keys: newest.held.keys }] }
  }

  /** Forgets what matches; all of it for an empty request. */
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

  /** Forgets what is over; returns the time. */
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

/** An entry as anybody may see it: without keys. */
function describeEntry({ held, limit, idleUntil }: Entry): Held {
  return { ...held, keys: null, expiresAt: Math.min(limit, idleUntil) }
}
