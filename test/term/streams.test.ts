/** Output arrives whole over any pipe. Input is UTF-8 text, or an error. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { readLinesOf, readWhole, systemStreams, writeText, writeWhole } from '../../src/term/streams.ts'
import { playTerminal } from './pseudo-terminal.ts'

const DRIVER = join(import.meta.dirname, 'terminal-driver.ts')
const home = mkdtempSync(join(tmpdir(), 'keydesk-streams-'))
afterAll(() => rmSync(home, { recursive: true }))

/** The result of the n-th system call: the number of bytes that it takes or gives, or an error. */
type Step = number | 'EAGAIN' | 'EPIPE' | 'EOF' | 'EIO'

function fail(code: string): never {
  throw Object.assign(new Error(code), { code })
}

/** A write that follows the steps. After the last step it takes all bytes. */
function fakeWrite(steps: readonly Step[]) {
  const left = [...steps]
  const taken: number[] = []
  const write = (fd: number, bytes: Uint8Array, offset: number): number => {
    expect(fd).toBe(1)
    const step = left.shift() ?? bytes.length
    if (typeof step === 'string') fail(step)
    const part = bytes.subarray(offset, offset + step)
    taken.push(...part)
    return part.length
  }
  return { write: write as never, taken }
}

/** A read that gives the bytes in portions of the steps. */
function fakeRead(bytes: Uint8Array, steps: readonly Step[]) {
  const left = [...steps]
  let offset = 0
  const read = (_fd: number, into: Uint8Array): number => {
    const step = left.shift() ?? into.length
    if (typeof step === 'string') fail(step)
    const part = bytes.subarray(offset, offset + step)
    into.set(part)
    offset += part.length
    return part.length
  }
  return read as never
}

const stepOf = (...codes: Step[]) => fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom<Step>(...codes))

describe('writeWhole', () => {
  test('writes every byte once and in order, however few bytes a call takes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.array(stepOf('EAGAIN', 0), { maxLength: 12 }),
        (bytes, steps) => {
          const { write, taken } = fakeWrite(steps)
          expect(writeWhole(1, bytes, write)).toBe(true)
          expect(taken).toEqual([...bytes])
        },
      ),
    )
  })

  test('returns false without an exception if the reader has gone', () => {
    const { write, taken } = fakeWrite([2, 'EPIPE'])
    expect(writeWhole(1, Uint8Array.of(1, 2, 3, 4), write)).toBe(false)
    expect(taken).toEqual([1, 2])
  })

  test('throws on any other error, so that a lost answer does not look like a success', () => {
    expect(() => writeWhole(1, Uint8Array.of(1), fakeWrite(['EIO']).write)).toThrow('EIO')
  })

  test('gives a slow reader a large answer whole', async () => {
    const child = spawn(process.execPath, [DRIVER, 'flood', join(home, 'flood')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let length = 0
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
      child.stdout.pause()
      setTimeout(() => child.stdout.resume(), 1)
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, length }).toEqual({ code: 0, length: 3_200_000 })
  })
})

describe('writeText', () => {
  test.each([0, 1, 2, 3])('writes a long text whole, wherever its pieces end (%d)', (before) => {
    const text = 'x'.repeat(before) + 'Zoë 😀 한 '.repeat(20_000)
    const { write, taken } = fakeWrite([])
    expect(writeText(1, text, write)).toBe(true)
    expect(Buffer.from(taken).toString()).toBe(text)
  })

  test('returns false if the reader has gone', () => {
    for (const text of ['short', 'long'.repeat(50_000)])
      expect(writeText(1, text, fakeWrite(['EPIPE']).write)).toBe(false)
  })
})

describe('readLinesOf', () => {
  test('gives all lines for any portions, and joins split characters', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replace(/[\r\n\ufeff]/g, '_'))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), fc.array(stepOf('EAGAIN')), (lines, ends, steps) => {
        const text = lines.join('\n') + (ends && lines.length > 0 ? '\n' : '')
        const read = [...readLinesOf(0, fakeRead(new TextEncoder().encode(text), steps))].flat()
        // An empty last line is given only if a newline ends it.
        expect(read).toEqual(text === '' ? [] : text.replace(/\n$/, '').split('\n'))
      }),
    )
  })

  test('gives the lines that are there before it waits for more', () => {
    const batches = readLinesOf(0, fakeRead(new TextEncoder().encode('one\r\ntwo\nthr'), [5, 4, 1]))
    expect([...batches]).toEqual([['one'], ['two'], ['thr']])
  })

  test('gives invalid UTF-8 as U+FFFD, in its own line only', () => {
    expect([...readLinesOf(0, fakeRead(Uint8Array.of(0x61, 0xff, 0x0a, 0x62), []))].flat()).toEqual(['a\ufffd', 'b'])
  })

  test('refuses a line without end', () => {
    const endless = (_fd: number, chunk: Uint8Array) => chunk.fill(0x61).length
    expect(() => [...readLinesOf(0, endless as never)]).toThrow('a line without end')
  })
})

describe('readWhole', () => {
  test('reads everything for any portions, and joins split characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.array(stepOf('EAGAIN'), { maxLength: 12 }),
        (text, steps) => {
          expect(readWhole(0, fakeRead(new TextEncoder().encode(text), steps))).toBe(text.replace(/^\ufeff/, ''))
        },
      ),
    )
  })

  test('takes the error EOF, which Windows gives, for the end', () => {
    expect(readWhole(0, fakeRead(Uint8Array.of(0x61), [1, 'EOF']))).toBe('a')
  })

  test('drops a byte order mark', () => {
    expect(readWhole(0, fakeRead(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), []))).toBe('a')
  })

  test('refuses invalid UTF-8, and does not quote it', () => {
    expect(() => readWhole(0, fakeRead(Uint8Array.of(0x73, 0xff, 0xfe), []))).toThrow(
      expect.objectContaining({
        refusal: { kind: 'usage', reason: 'not-utf8', message: 'standard input is not UTF-8 text' },
      }),
    )
  })

  test('refuses input without end', () => {
    const endless = (_fd: number, chunk: Uint8Array) => chunk.length
    expect(() => readWhole(0, endless as never)).toThrow('larger than 256 MiB, or has no end')
  })

  test('throws on any other error', () => {
    expect(() => readWhole(0, fakeRead(Uint8Array.of(0x61), ['EIO']))).toThrow('EIO')
  })
})

describe('systemStreams', () => {
  test('touches no stream object of the process if there is no terminal', () => {
    const { getBuiltinModule } = globalThis.process
    const process = {
      platform: 'linux',
      getBuiltinModule,
      get stdout() {
        return expect.fail('stdout was touched')
      },
      get stderr() {
        return expect.fail('stderr was touched')
      },
    }
    const io = systemStreams(process as never)
    if (!io.stdoutIsTerminal) expect(io.columns).toBe(80)
  })

  describe.skipIf(process.platform === 'win32')('at a terminal', { concurrent: true }, () => {
    async function play(task: string, size: string): Promise<unknown> {
      const file = join(home, `${task}-${size}`)
      await playTerminal(`stty ${size}; '${process.execPath}' '${DRIVER}' ${task} '${file}'`, [])
      return JSON.parse(readFileSync(file, 'utf8')).answer
    }

    test('has the width of the terminal, or 80 if the terminal gives none', async () => {
      expect(await play('columns', 'cols 132')).toBe(132)
      expect(await play('columns', 'cols 0')).toBe(80)
    })

    test('writes to a Windows console in Unicode, by its stream object', async () => {
      expect(await play('windows', 'cols 80')).toEqual(['out Müller', 'err Größe', 120])
    })
  })
})
