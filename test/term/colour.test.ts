/** The conditions for colours, and the contrast of each colour on dark and on light. */
import { describe, expect, test } from 'vitest'
import { type Paint, paint } from '../../src/term/colour.ts'
import type { Streams } from '../../src/term/streams.ts'

function fakeStreams(stdoutIsTerminal: boolean, stderrIsTerminal = stdoutIsTerminal): Streams {
  const none = () => undefined
  return {
    out: none,
    err: none,
    readInput: () => '',
    readLines: () => [],
    stdinIsTerminal: true,
    stdoutIsTerminal,
    stderrIsTerminal,
    columns: 80,
  }
}

const XTERM = { TERM: 'xterm-256color' }
const MEANINGS = ['digit', 'letter', 'good', 'bad', 'warn'] as const satisfies readonly (keyof Paint)[]

async function isPainted(terminal: boolean, env: Record<string, string>, color?: boolean): Promise<boolean> {
  const { bold } = await paint(fakeStreams(terminal), { color }, env)
  return bold('x') !== 'x'
}

describe('paint', () => {
  test('a terminal has colours, a pipe has none', async () => {
    expect(await isPainted(true, XTERM)).toBe(true)
    expect(await isPainted(true, XTERM, true)).toBe(true)
    expect(await isPainted(false, XTERM)).toBe(false)
  })

  test('--no-color overrides everything', async () => {
    expect(await isPainted(true, { ...XTERM, FORCE_COLOR: '3' }, false)).toBe(false)
  })

  test('NO_COLOR and a dumb terminal turn colours off; an empty NO_COLOR counts as unset', async () => {
    expect(await isPainted(true, { ...XTERM, NO_COLOR: '1' })).toBe(false)
    expect(await isPainted(true, { ...XTERM, NO_COLOR: '' })).toBe(true)
    expect(await isPainted(true, { TERM: 'dumb' })).toBe(false)
  })

  test('FORCE_COLOR overrides the terminal and NO_COLOR', async () => {
    for (const force of ['', 'true', '1', '2', '3'])
      expect(await isPainted(false, { NO_COLOR: '1', FORCE_COLOR: force })).toBe(true)
    for (const force of ['0', 'false']) expect(await isPainted(true, { ...XTERM, FORCE_COLOR: force })).toBe(false)
  })

  test('each stream has colours only if that stream is a terminal', async () => {
    const io = fakeStreams(false, true)
    expect((await paint(io, {}, XTERM, 'stdout')).bold('x')).toBe('x')
    expect((await paint(io, {}, XTERM, 'stderr')).bold('x')).not.toBe('x')
  })

  test('a terminal of sixteen colours gets only those, and never yellow, white, black or dark blue', async () => {
    const brushes = await paint(fakeStreams(true), {}, { TERM: 'xterm' })
    for (const meaning of MEANINGS) expect(brushes[meaning]('x')).toMatch(/^\p{Cc}\[1m\p{Cc}\[(31|32|35|94)mx/u)
  })

  test('a terminal with a palette gets hues with enough contrast on black and on white', async () => {
    for (const env of [
      XTERM,
      { COLORTERM: 'truecolor' },
      { OS: 'Windows_NT' },
      { FORCE_COLOR: '2' },
      { TERM_PROGRAM: 'vscode' },
    ]) {
      const brushes = await paint(fakeStreams(true), {}, env)
      for (const meaning of MEANINGS) {
        const hue = Number(/38;5;(\d+)m/.exec(brushes[meaning]('x'))?.[1])
        expect(contrast(luminance(hue), 0)).toBeGreaterThan(3.8)
        expect(contrast(luminance(hue), 1)).toBeGreaterThan(3.8)
      }
      expect(brushes.digit('x')).not.toBe(brushes.letter('x'))
    }
  })

  test.each([
    ['dark', 0],
    ['light', 1],
  ] as const)('a theme has enough contrast on its background: %s', async (theme, background) => {
    const brushes = await paint(fakeStreams(true), { theme }, XTERM)
    for (const meaning of MEANINGS) {
      const hue = Number(/38;5;(\d+)m/.exec(brushes[meaning]('x'))?.[1])
      expect(contrast(luminance(hue), background)).toBeGreaterThan(5.5)
    }
    expect(brushes.digit('x')).not.toBe(brushes.letter('x'))
  })

  test('mono has no hue, and no theme turns colours on', async () => {
    const brushes = await paint(fakeStreams(true), { theme: 'mono' }, XTERM)
    for (const meaning of MEANINGS) expect(brushes[meaning]('x')).toBe('\u001b[1mx\u001b[22m')
    expect((await paint(fakeStreams(true), { theme: 'dark' }, { ...XTERM, NO_COLOR: '1' })).bad('x')).toBe('x')
  })

  test('a paint resets everything that it sets', async () => {
    const brushes = await paint(fakeStreams(true), {}, XTERM)
    expect(brushes.digit('7')).toBe('\u001b[1m\u001b[38;5;130m7\u001b[39m\u001b[22m')
  })
})

/** Relative luminance (WCAG 2) of a colour of the 6 × 6 × 6 cube. */
function luminance(index: number): number {
  const levels = [0, 95, 135, 175, 215, 255].map((v) =>
    v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
  )
  const at = (n: number) => levels[Math.floor((index - 16) / n) % 6] as number
  return 0.2126 * at(36) + 0.7152 * at(6) + 0.0722 * at(1)
}

function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}
