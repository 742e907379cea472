/** Replacing one screen by another: only the lines that differ are written, and nothing of the old screen remains. */
import { describe, expect, it } from 'vitest'
import { paintFrame } from '../../src/term/screen.ts'

const ESCAPE = '\u001b'
const readable = (text: string) => text.replaceAll(ESCAPE, '^')

describe('a frame', () => {
  it('is written whole on an empty screen, which is cleared first, so that the last line stays', () => {
    expect(readable(paintFrame([], { lines: ['a', 'b'], cursor: { row: 1, column: 1 } }))).toBe(
      '^[?25l^[H^[J^[1;1Ha^[0m^[K^[2;1Hb^[0m^[K^[2;2H^[?25h',
    )
  })

  it('is written only where it differs, and clears the old lines below it', () => {
    expect(readable(paintFrame(['a', 'b', 'c'], { lines: ['a', 'x'], cursor: null }))).toBe(
      '^[?25l^[2;1Hx^[0m^[K^[3;1H^[J',
    )
  })
})
