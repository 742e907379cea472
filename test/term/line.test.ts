/** The input line for a name or a ticket: the place of the cursor, and text that cannot control the terminal. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Key } from '../../src/term/keys.ts'
import { EMPTY_LINE, editLine, type Line, lineOf, showLine } from '../../src/term/line.ts'
import { displayWidth } from '../../src/term/width.ts'
import { wrapText } from '../../src/term/wrap.ts'
import { hostileText } from './hostile.ts'

const type = (line: Line, ...keys: (string | Key['name'])[]): Line =>
  keys.reduce((next, key) => {
    const pressed: Key = key.length === 1 ? { name: 'text', text: key } : { name: key as Key['name'], text: '' }
    return editLine(next, pressed) as Line
  }, line)

describe('a line', () => {
  it('inserts and deletes letters at the cursor', () => {
    const line = type(EMPTY_LINE, 'z', 'e', 'left', 'o')
    expect(line).toEqual({ text: 'zoe', cursor: 2 })
    expect(type(line, 'backspace')).toEqual({ text: 'ze', cursor: 1 })
    expect(type(line, 'home', 'delete')).toEqual({ text: 'oe', cursor: 0 })
    expect(type(line, 'home', 'backspace')).toEqual({ text: 'zoe', cursor: 0 })
    expect(type(line, 'end', 'right')).toEqual(lineOf('zoe'))
    expect(type(line, 'ctrl-u')).toEqual(EMPTY_LINE)
    expect(editLine(line, { name: 'enter', text: '' })).toBeNull()
  })

  it('stays one line of at most 200 characters, whatever is pasted', () => {
    expect(editLine(lineOf('a'), { name: 'paste', text: 'b\r\n\tc' })).toEqual(lineOf('ab c'))
    expect(editLine(EMPTY_LINE, { name: 'paste', text: 'x'.repeat(9_999) })?.text).toHaveLength(200)
  })

  it('fits its columns together with the cursor, and shows no control character', () => {
    fc.assert(
      fc.property(hostileText, fc.nat(300), fc.integer({ min: 8, max: 60 }), (text, cursor, width) => {
        const length = Array.from(text).length
        const shown = showLine({ text, cursor: Math.min(cursor, length) }, width)
        expect(shown.text).not.toMatch(/\p{Cc}/u)
        expect(displayWidth(shown.text)).toBeLessThanOrEqual(Math.max(width, 9))
        expect(shown.column).toBeLessThanOrEqual(Math.max(width, 9))
      }),
    )
  })
})

describe('a paragraph', () => {
  it('is broken between words, and fits the width', () => {
    expect(wrapText('ask for the whole code again', 12)).toEqual(['ask for the', 'whole code', 'again'])
    expect(wrapText('', 10)).toEqual([])
    expect(wrapText('x'.repeat(20), 10)).toEqual([`${'x'.repeat(9)}…`])
  })
})
