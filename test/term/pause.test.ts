/** A pause ends after its time, or at a Ctrl-C that was pressed at any moment since the first pause began. */
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createPause } from '../../src/term/pause.ts'

const STOPPED = expect.objectContaining({ refusal: expect.objectContaining({ kind: 'cancelled' }) })

test('a pause takes its time', async () => {
  const pause = createPause(new EventEmitter())
  const started = performance.now()
  await pause(30)
  expect(performance.now() - started).toBeGreaterThan(25)
})

test('a pause ends at once at Ctrl-C, as cancelled', async () => {
  const signals = new EventEmitter()
  const waiting = createPause(signals)(60_000)
  signals.emit('SIGINT')
  await expect(waiting).rejects.toEqual(STOPPED)
})

test('a Ctrl-C between two pauses cancels every later pause', async () => {
  const signals = new EventEmitter()
  const pause = createPause(signals)
  await pause(1)
  signals.emit('SIGINT')
  for (const _ of [1, 2]) await expect(pause(60_000)).rejects.toEqual(STOPPED)
})

test('a pause listens for Ctrl-C from its first use on, with a single listener', async () => {
  const signals = new EventEmitter()
  const pause = createPause(signals)
  expect(signals.listenerCount('SIGINT')).toBe(0)
  for (const _ of [1, 2, 3]) await pause(1)
  expect(signals.listenerCount('SIGINT')).toBe(1)
})
