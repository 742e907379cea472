/** The three forms of an answer: screen, bare value and JSON. JSON is harmless on any terminal. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Answer, printAnswer, printNdjson } from '../../src/term/answer.ts'
import { hostileText } from './hostile.ts'

function fakeOutput(stdoutIsTerminal: boolean) {
  const written: string[] = []
  return { written, stdoutIsTerminal, out: (text: string) => void written.push(text) }
}

async function printed(answer: Answer, { terminal = false, json = false } = {}): Promise<string> {
  const io = fakeOutput(terminal)
  await printAnswer(io, { json }, answer)
  return io.written.join('')
}

const CODE: Answer = { json: { confirmationCode: 'X' }, value: 'X', screen: () => 'the code is X' }

describe('printAnswer', () => {
  test('JSON is the same on a terminal and in a pipe', async () => {
    for (const terminal of [true, false])
      expect(await printed(CODE, { terminal, json: true })).toBe('{"confirmationCode":"X"}\n')
  })

  test('a pipe gets the bare value, a terminal the screen', async () => {
    expect(await printed(CODE)).toBe('X\n')
    expect(await printed(CODE, { terminal: true })).toBe('the code is X\n')
  })

  test('without a value the screen goes everywhere, with one newline at its end', async () => {
    const list: Answer = { json: [], screen: async () => 'a\nb\n' }
    expect(await printed(list)).toBe('a\nb\n')
    expect(await printed(list, { terminal: true })).toBe('a\nb\n')
  })

  test('an empty screen prints nothing, and an empty value prints an empty line', async () => {
    expect(await printed({ json: [], screen: () => '' })).toBe('')
    expect(await printed({ json: {}, value: '', screen: () => 'none' })).toBe('\n')
  })

  test('the screen is not drawn when it is not shown', async () => {
    const screen = () => {
      throw new Error('drawn')
    }
    await expect(printed({ json: null, value: '1', screen })).resolves.toBe('1\n')
    await expect(printed({ json: null, value: '1', screen }, { json: true, terminal: true })).resolves.toBe('null\n')
  })

  test('an undefined answer is null in JSON', async () => {
    expect(await printed({ json: undefined, screen: () => '' }, { json: true })).toBe('null\n')
  })

  test('JSON carries every name, and none of it acts on a terminal', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (name) => {
        const json = await printed({ json: { name }, screen: () => '' }, { json: true, terminal: true })
        expect(json.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
        expect(JSON.parse(json)).toEqual({ name })
      }),
    )
  })
})

describe('printNdjson', () => {
  test('writes one document a line, each before it asks for the next', async () => {
    const io = fakeOutput(true)
    const seen: number[] = []
    async function* records() {
      yield { n: 1 }
      seen.push(io.written.length)
      yield { n: '2\n' }
    }
    await printNdjson(io, records())
    expect(io.written).toEqual(['{"n":1}\n', '{"n":"2\\n"}\n'])
    expect(seen).toEqual([1])
  })

  test('writes nothing if there are no records', async () => {
    const io = fakeOutput(false)
    await printNdjson(io, [])
    expect(io.written).toEqual([])
  })
})
