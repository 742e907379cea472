/** A bar for people: drawn over on one line of stderr, gone at the end, and never in a log. */
import { expect, test } from 'vitest'
import { createProgress } from '../../src/term/progress.ts'

function follow({ terminal = true, quiet = false } = {}) {
  const heard: string[] = []
  let nowMs = 5_000
  const io = { err: (text: string) => void heard.push(text), stderrIsTerminal: terminal }
  const progress = createProgress(io, 'verifying', () => nowMs, quiet)
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { heard, progress, pass }
}

test('is one line that is drawn over, and blank at the end', () => {
  const { heard, progress, pass } = follow()
  progress.show(0, 1_000)
  pass(100)
  progress.show(500, 1_000)
  pass(100)
  progress.show(1_000, 1_000)
  progress.end()
  const [first, half, full, blank, back] = heard
  expect(first).toBe('\rverifying ........................   0 % of 1000')
  expect(half).toBe('\rverifying ############............  50 % of 1000')
  expect(full).toBe('\rverifying ######################## 100 % of 1000')
  expect(blank).toBe(`\r${' '.repeat((full as string).length - 1)}`)
  expect(back).toBe('\r')
  expect(heard.join('')).not.toContain('\n')
})

test('leaves nothing of a longer line behind', () => {
  const { heard, progress, pass } = follow()
  progress.show(1, 1_000)
  pass(100)
  progress.show(1, 10)
  expect(heard[1]).toHaveLength((heard[0] as string).length)
})

test('is drawn ten times a second at most, and goes on after the clock was set back', () => {
  const { heard, progress, pass } = follow()
  for (let done = 0; done < 1_000; done++) {
    progress.show(done, 1_000)
    pass(1)
  }
  expect(heard).toHaveLength(10)
  pass(-100_000)
  progress.show(1_000, 1_000)
  expect(heard).toHaveLength(11)
})

test('of nothing is all of it, and of more than was thought no more than that', () => {
  const { heard, progress, pass } = follow()
  progress.show(0, 0)
  pass(100)
  progress.show(7, 5)
  expect(heard.map((text) => /\d+ %/.exec(text)?.[0])).toEqual(['100 %', '100 %'])
})

test.each([{ terminal: false }, { quiet: true }])('says nothing with %j', (options) => {
  const { heard, progress } = follow(options)
  progress.show(1, 2)
  progress.end()
  expect(heard).toEqual([])
})

test('that was never shown ends without a word', () => {
  const { heard, progress } = follow()
  progress.end()
  expect(heard).toEqual([])
})
