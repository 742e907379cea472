/**
 * A worker thread that opens or seals records by the ten thousand. This cryptography is half of the work, and runs
 * there while this thread reads, writes and prints.
 * - The worker belongs to this process, and has no keys that this process does not have.
 * - It lives for one piece of work.
 * - This thread does all work that the worker cannot do, so nothing depends on the worker.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ListedRow } from '../engine.ts'
import type { SealerKeys } from '../sealer.ts'
import { makeSharedBuffers, type PackedBytes, pack, type SharedBuffers, unpack } from './packed-bytes.ts'
import type { SealedBatch, SealJob } from './sealed-batch.ts'

/**
 * `rows` has two parts for each row: its id and its sealed text. The answer has the opened texts, empty for a row that
 * does not open.
 */
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
/** The worker keeps no data between jobs, so its heap can be small. */
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

  /**
   * False until the worker has started, which takes some hundredths of a second, and after it has ended. Waiting for
   * the start would not pay.
   */
  get isReady(): boolean {
    return this.#isReady
  }

  /** How many batches the worker was given and has not answered. */
  get load(): number {
    return this.#waiting.size
  }

  /**
   * Resolves to the result of `read` on the texts of rows that are all sealed under one generation's key. `read` gets
   * an empty list if the worker has ended. It must not keep the texts: the next batch overwrites their buffer.
   */
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

  /** Null if the worker has ended, or could not seal the batch. */
  seal(job: SealJob): Promise<SealedBatch | null> {
    return this.#ask<SealedBatch>(job)
  }

  /** Ends the worker, and with it the worker's copy of the keys. Jobs without an answer resolve to null. */
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

/** Null if there is no memory for a worker thread, or if none is allowed. */
function startWorker(workerData: SealerKeys): Worker | null {
  try {
    return new Worker(ENTRY, { workerData, env: {}, argv: [], execArgv: [], resourceLimits: LIMITS })
  } catch {
    return null
  }
}
