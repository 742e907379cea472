/** The width of text in columns, as terminals count them. Cutting never splits a visible character. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeText } from '../../src/term/escape.ts'
import { displayWidth, fitText, joinLines, padText } from '../../src/term/width.ts'
import { hostileText } from './hostile.ts'

const shownText = hostileText.map(escapeText)

describe('displayWidth', () => {
  test.each([
    ['', 0],
    ['Anna', 4],
    ['Müller', 6],
    ['Mu\u0308ller', 6],
    ['漢字', 4],
    ['한국어', 6],
    ['\u1112\u1161\u11ab', 2],
    ['ｆｕｌｌ', 8],
    ['😀', 2],
    ['👍🏽', 2],
    ['🇩🇪', 2],
    ['⌚', 2],
    ['©', 1],
    ['עברית', 5],
    ['…', 1],
    ['█▀▄', 3],
  ])('%s takes columns: %i', (text, columns) => {
    expect(displayWidth(text)).toBe(columns)
  })
})

describe('fitText', () => {
  test('never exceeds the width, and marks a cut with an ellipsis', () => {
    fc.assert(
      fc.property(shownText, fc.integer({ min: 0, max: 20 }), (text, width) => {
        const fitted = fitText(text, width)
        expect(displayWidth(fitted)).toBeLessThanOrEqual(width)
        if (fitted !== text && width > 0) expect(fitted.endsWith('…')).toBe(true)
        expect(text.startsWith(fitted.replace(/…$/, '')) || fitted === text).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('leaves text that fits, and uses the whole width for text that does not', () => {
    expect(fitText('Anna', 4)).toBe('Anna')
    expect(fitText('Annabel', 4)).toBe('Ann…')
    expect(fitText('漢字漢字', 5)).toBe('漢字…')
    expect(fitText('漢字漢字', 4)).toBe('漢…')
    expect(fitText('Annabel', 1)).toBe('…')
    expect(fitText('Annabel', 0)).toBe('')
  })

  test('splits no letter from its marks, no flag, and no emoji from its skin tone', () => {
    expect(fitText('ab\u0301cde', 3)).toBe('ab\u0301…')
    expect(fitText('🇩🇪🇫🇷🇮🇹', 4)).toBe('🇩🇪…')
    expect(fitText('👍🏽👍🏽', 3)).toBe('👍🏽…')
  })
})

test('padText fills to the width on either side, and cuts nothing', () => {
  expect(padText('漢', 4)).toBe('漢  ')
  expect(padText('7', 3, 'right')).toBe('  7')
  expect(padText('Annabel', 3)).toBe('Annabel')
})

test('joinLines ends each line with a newline and removes blanks before it', () => {
  expect(joinLines(['a  ', ''])).toBe('a\n\n')
  expect(joinLines([])).toBe('')
})
