/** The bytes of a terminal become keys. A sequence can arrive in pieces, and a paste never gives an Enter. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flushKeys, type Key, readKeys } from '../../src/term/keys.ts'

const names = (input: string) => readKeys(input).keys.map(({ name }) => name)

describe('keys', () => {
  it.each([
    ['\r', 'enter'],
    ['\n', 'enter'],
    ['\t', 'tab'],
    ['\u007f', 'backspace'],
    ['\b', 'backspace'],
    ['\u0003', 'ctrl-c'],
    ['\u0004', 'ctrl-d'],
    ['\u0005', 'ctrl-e'],
    ['\u0015', 'ctrl-u'],
    ['\u001a', 'ctrl-z'],
    ['\u001b[A', 'up'],
    ['\u001bOB', 'down'],
    ['\u001b[C', 'right'],
    ['\u001b[D', 'left'],
    ['\u001b[H', 'home'],
    ['\u001b[4~', 'end'],
    ['\u001b[3~', 'delete'],
    ['\u001b[6~', 'page-down'],
    ['\u001b[1;5A', 'unknown'],
    ['\u001bx', 'unknown'],
    ['\u0000', 'unknown'],
    ['\u009b', 'unknown'],
    ['a', 'text'],
    ['\ud83d\ude00', 'text'],
  ])('%j is %s', (input, name) => {
    expect(readKeys(input)).toMatchObject({ keys: [{ name }], rest: '' })
  })

  it('an Escape is a key only if nothing follows it', () => {
    expect(readKeys('\u001b')).toEqual({ keys: [], rest: '\u001b' })
    expect(flushKeys('\u001b')).toEqual([{ name: 'escape', text: '' }])
    expect(flushKeys('\u001b[')).toEqual([])
    expect(names('\u001b\u001b[A')).toEqual(['escape', 'up'])
  })

  it('a paste is one key, whatever it contains', () => {
    expect(readKeys('\u001b[200~NBAJN\r00737\u001b[201~\r').keys).toEqual([
      { name: 'paste', text: 'NBAJN\r00737' },
      { name: 'enter', text: '' },
    ])
    expect(readKeys('\u001b[200~NBAJN').keys).toEqual([])
    // A paste that is too long gives no text. The Enter after the place where it became too long is dropped as well.
    let [rest, pressed] = ['\u001b[200~', [] as string[]]
    for (const piece of [...Array.from({ length: 9 }, () => 'x\r'.repeat(8_000)), 'x\r\u001b[20', '1~', 'y\r']) {
      const read = readKeys(rest + piece)
      pressed = [...pressed, ...read.keys.map(({ name }) => name)]
      rest = read.rest
      expect(rest.length).toBeLessThan(100_000)
    }
    expect(pressed).toEqual(['unknown', 'text', 'enter'])
  })

  it('are the same for any cut of the input, except for an Escape at the cut', () => {
    const piece = fc.constantFrom(
      'a',
      'ü',
      '\r',
      '\u001b[A',
      '\u001b[3~',
      '\u001bOC',
      '\u001b[200~a\rb\u001b[201~',
      '\u0003',
      '\u001b[1;2H',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.nat(40), (pieces, at) => {
        const whole = pieces.join('')
        const first = readKeys(whole.slice(0, at))
        const second = readKeys(first.rest + whole.slice(at))
        expect([...first.keys, ...second.keys]).toEqual(readKeys(whole).keys)
      }),
    )
  })

  it('are read from any input without an exception, and no text is a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (input) => {
        const { keys } = readKeys(input)
        for (const { name, text } of keys as Key[]) if (name === 'text') expect(text).not.toMatch(/\p{Cc}/u)
      }),
    )
  })
})
