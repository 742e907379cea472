/** The cases of a wrong clock: each is a line of the table in docs/reliability.md. */
import type { ClockDesk } from './clock-desk.ts'

/** In Zurich summer time begins on 2026-03-29 and ends on 2026-10-25, both at 01:00 UTC. */
export const ZONE = 'Europe/Zurich'
const SPRING = Date.UTC(2026, 2, 29, 1)
const AUTUMN = Date.UTC(2026, 9, 25, 1)
const MINUTE = 60_000
const DAY = 1_440 * MINUTE
const YEARS = 3_650 * DAY
/** The last day that a Date can hold, in the year 275760. */
const LAST_DAY = 8.64e15 - DAY

type Play = (desk: ClockDesk) => Promise<string>
export type Case = readonly [what: string, clock: string, play: Play]

/** Confirms epoch 0 at `from` (ms) or now, moves the clock by `byMs`, and confirms `epoch`. */
const confirmTwice =
  (byMs: number, { epoch = 0, from = null as number | null } = {}): Play =>
  async (desk) => {
    if (from !== null) desk.set(from)
    await desk.unlock()
    await desk.confirm()
    desk.move(byMs)
    await desk.unlock()
    return desk.confirm(epoch)
  }

const confirmAt =
  (nowMs: number): Play =>
  async (desk) => {
    desk.set(nowMs)
    await desk.unlock()
    return desk.confirm()
  }

/** Gives nine wrong codes, moves the clock, and gives a tenth. */
const forgeTenth =
  (byMs: number, from: number | null = null): Play =>
  async (desk) => {
    if (from !== null) desk.set(from)
    await desk.unlock()
    await desk.forge(9)
    desk.move(byMs)
    await desk.unlock()
    await desk.forge(1)
    return desk.state()
  }

/** Moves the clock step by step (ms) after `unlock --for 1h`, and lists devices after each step. */
const listAfter =
  (...steps: number[]): Play =>
  async (desk) => {
    await desk.unlock('1h')
    const said: string[] = []
    for (const byMs of steps) {
      desk.move(byMs)
      said.push(await desk.list())
    }
    return said.join(', then ')
  }

const recordAround =
  (change: number): Play =>
  async (desk) => {
    desk.set(change - MINUTE)
    await desk.unlock()
    desk.set(change)
    await desk.unlock()
    return desk.times(2)
  }

const order: Play = async (desk) => {
  desk.move(-YEARS)
  await desk.unlock()
  return desk.order()
}

export const CASES: readonly Case[] = [
  ['confirm the next epoch', 'set back ten years', confirmTwice(-YEARS, { epoch: 1 })],
  ['confirm the next epoch', 'set forward ten years', confirmTwice(YEARS, { epoch: 1 })],
  ['confirm', 'at 1970-01-01', confirmAt(0)],
  ['confirm', 'before 1970', confirmAt(-YEARS)],
  ['confirm', 'in the year 275760', confirmAt(LAST_DAY)],
  ['the same code again', '10 minutes later', confirmTwice(10 * MINUTE)],
  ['the same code again', '10 minutes and 1 s later', confirmTwice(10 * MINUTE + 1_000)],
  ['the same code again', 'set back a minute', confirmTwice(-MINUTE)],
  ['the same code again', 'set forward ten years', confirmTwice(YEARS)],
  [
    'the same code again',
    '9 minutes later, summer time begins between',
    confirmTwice(9 * MINUTE, { from: SPRING - MINUTE }),
  ],
  [
    'the same code again',
    '9 minutes later, summer time ends between',
    confirmTwice(9 * MINUTE, { from: AUTUMN - MINUTE }),
  ],
  ['a tenth wrong code', 'the same day', forgeTenth(0)],
  ['a tenth wrong code', 'the next day (UTC)', forgeTenth(DAY)],
  ['a tenth wrong code', 'set back a day', forgeTenth(-DAY)],
  ['a tenth wrong code', 'set forward ten years', forgeTenth(YEARS)],
  ['a tenth wrong code', 'after midnight in Zurich', forgeTenth(2 * MINUTE, SPRING - 2 * 60 * MINUTE - MINUTE)],
  ['a tenth wrong code', 'summer time begins between', forgeTenth(2 * MINUTE, SPRING - MINUTE)],
  ['unlocked for an hour, idle', '14, then 16 minutes later', listAfter(14 * MINUTE, 16 * MINUTE)],
  [
    'unlocked for an hour, in use',
    'at 14, 28, 42, 56 and 61 minutes',
    listAfter(14 * MINUTE, 14 * MINUTE, 14 * MINUTE, 14 * MINUTE, 5 * MINUTE),
  ],
  ['unlocked for an hour', 'set back a day, then 16 minutes later', listAfter(-DAY, 16 * MINUTE)],
  ['unlocked for an hour', 'set forward ten years, then back again', listAfter(YEARS, -YEARS)],
  ['the record', 'set back ten years', order],
  ['the record at a terminal in Zurich', 'summer time begins', recordAround(SPRING)],
  ['the record at a terminal in Zurich', 'summer time ends', recordAround(AUTUMN)],
]
