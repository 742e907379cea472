/** Waiting ends by time, or by Ctrl-C whenever it was pressed after the first wait began. */
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createPause } from '../../src/term/pause.ts'

const STOPPED = expect.objectContaining({ refusal: expect.objectContaining({ kind: 'cancelled' }) })

test('takes its time', async () => {
  const pause = createPause(new EventEmitter())
  const started = performance.now()
  await pause(30)
  expect(performance.now() - started).toBeGreaterThan(25)
})

test('ends at once at Ctrl-C, as cancelled', async () => {
  const signals = new EventEmitter()
  const waiting = createPause(signals)(60_000)
  signals.emit('SIGINT')
  await expect(waiting).rejects.toEqual(STOPPED)
})

test('ends at Ctrl-C between two waits, and at every wait thereafter', async () => {
  const signals = new EventEmitter()
  const pause = createPause(signals)
  await pause(1)
  signals.emit('SIGINT')
  for (const _ of [1, 2]) await expect(pause(60_000)).rejects.toEqual(STOPPED)
})

test('listens only once it was used, and once however often', async () => {
  const signals = new EventEmitter()
  const pause = createPause(signals)
  expect(signals.listenerCount('SIGINT')).toBe(0)
  for (const _ of [1, 2, 3]) await pause(1)
  expect(signals.listenerCount('SIGINT')).toBe(1)
})
