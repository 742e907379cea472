/** A progress bar on one line of stderr: it is redrawn in place, blank at the end, and never in a log. */
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

test('the bar is one line that is redrawn in place, and blank at the end', () => {
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

test('a shorter line erases all of a longer one', () => {
  const { heard, progress, pass } = follow()
  progress.show(1, 1_000)
  pass(100)
  progress.show(1, 10)
  expect(heard[1]).toHaveLength((heard[0] as string).length)
})

test('the bar is drawn at most ten times a second, and also after the clock was set back', () => {
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

test('the bar shows 100 % for a total of 0, and for more than the total', () => {
  const { heard, progress, pass } = follow()
  progress.show(0, 0)
  pass(100)
  progress.show(7, 5)
  expect(heard.map((text) => /\d+ %/.exec(text)?.[0])).toEqual(['100 %', '100 %'])
})

test.each([{ terminal: false }, { quiet: true }])('the bar is not drawn with %j', (options) => {
  const { heard, progress } = follow(options)
  progress.show(1, 2)
  progress.end()
  expect(heard).toEqual([])
})

test('a bar that was never shown writes nothing at its end', () => {
  const { heard, progress } = follow()
  progress.end()
  expect(heard).toEqual([])
})
