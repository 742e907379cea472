/**
 * A second thread for who opens or seals records by the ten thousand: cryptography is half of that, and goes on there while this thread reads, writes and
 * prints. It is this process, and has no keys that this one has not; it lives for one piece of work. What it cannot do is done here, so nothing
 * depends on there being one.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ListedRow } from '../engine.ts'
import type { SealerKeys } from '../sealer.ts'
import { makeSharedBuffers, type PackedBytes, pack, type SharedBuffers, unpack } from './packed-bytes.ts'
import type { SealedBatch, SealJob } from './sealed-batch.ts'

/** `rows`: of each its id and its sealed record. What is answered is their texts, empty for one that does not open. */
export type OpenJob = {
  readonly op: 'open'
  readonly collection: string
  readonly generation: number
  readonly rows: PackedBytes
  readonly buffers: SharedBuffers
}

export type Job = OpenJob | SealJob
export type Numbered<T> = { readonly number: number; readonly of: T }

const ENTRY = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, 'second-thread-entry.ts')
  : join(import.meta.dirname, '..', 'second-thread.cjs')
/** It keeps nothing, and its garbage need not be let grow. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 }

export class SecondThread {
  readonly #worker: Worker | null
  readonly #waiting = new Map<number, (done: unknown) => void>()
  readonly #free: SharedBuffers[] = []
  #number = 0
  #isReady = false

  constructor(keys: SealerKeys) {
    this.#worker = startWorker(keys)
    this.#worker?.on('message', ({ number, of }: Numbered<unknown>) => {
      this.#isReady = true
      this.#waiting.get(number)?.(of)
      this.#waiting.delete(number)
    })
    this.#worker?.on('error', () => this.#giveUp())
    this.#worker?.on('exit', () => this.#giveUp())
  }

  /** It takes some hundredths of a second to start; until then there is no point in waiting for it. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** How many batches it has been given and has not answered. */
  get load(): number {
    return this.#waiting.size
  }

  /** What `read` makes of the texts of rows that are sealed under one generation's key; of nothing where the thread is gone. */
  async open<T>(
    collection: string,
    generation: number,
    rows: readonly Pick<ListedRow, 'id' | 'listed'>[],
    read: (texts: readonly Uint8Array[]) => T,
  ): Promise<T> {
    const buffers = this.#free.pop() ?? makeSharedBuffers()
    const packed = pack(
      rows.flatMap(({ id, listed }) => [id, listed]),
      buffers.given,
    )
    const texts = await this.#ask<PackedBytes>({ op: 'open', collection, generation, rows: packed, buffers })
    const result = read(texts === null ? [] : unpack(texts))
    this.#free.push(buffers)
    return result
  }

  /** Null where it is gone, or could not. */
  seal(job: SealJob): Promise<SealedBatch | null> {
    return this.#ask<SealedBatch>(job)
  }

  /** And its copy of the keys. What it has not answered is answered with null. */
  end(): void {
    void this.#worker?.terminate()
  }

  #ask<T>(job: Job): Promise<T | null> {
    return new Promise((resolve) => {
      if (!this.#isReady) return resolve(null)
      const number = ++this.#number
      this.#waiting.set(number, resolve as (done: unknown) => void)
      this.#worker?.postMessage({ number, of: job } satisfies Numbered<Job>)
    })
  }

  #giveUp(): void {
    this.#isReady = false
    for (const resolve of this.#waiting.values()) resolve(null)
    this.#waiting.clear()
  }
}

/** Null where there is no buffers for a thread, or none is allowed. */
function startWorker(workerData: SealerKeys): Worker | null {
  try {
    return new Worker(ENTRY, { workerData, env: {}, argv: [], execArgv: [], resourceLimits: LIMITS })
  } catch {
    return null
  }
}
