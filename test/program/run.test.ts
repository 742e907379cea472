/**
 * Guards the one place where an error becomes an exit code: the code, the form of the message, and that the message
 * contains no secret.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { type ErrorKind, EXIT_CODES, KeydeskError } from '../../src/errors.ts'
import { createProgram, runProgram } from '../../src/program/run.ts'
import { type FakeContext, fakeContext } from '../fake-context.ts'

let context: FakeContext
beforeEach(() => {
  context = fakeContext()
})

/** Runs a program whose only command, `noun fail`, throws `thrown`. Resolves to the exit code. */
function fail(thrown: unknown, ...argv: string[]): Promise<number> {
  const program = createProgram('keydesk', '', '1.2.3', context)
  program
    .command('noun')
    .command('fail')
    .action(() => {
      throw thrown
    })
  return runProgram(program, ['noun', 'fail', ...argv], context)
}

describe.each(Object.entries(EXIT_CODES))('%s', (kind, exit) => {
  const error = new KeydeskError(kind as ErrorKind, 'some-reason', 'what happened', 'what to do')

  it(`gives exit ${exit}, two lines on stderr, and nothing on stdout`, async () => {
    expect(await fail(error)).toBe(exit)
    expect(context.stderr()).toBe('keydesk: what happened\nhint: what to do\n')
    expect(context.stdout()).toBe('')
  })

  it('gives one JSON document with --json', async () => {
    expect(await fail(error, '--json')).toBe(exit)
    const document = { code: kind, exit, reason: 'some-reason', message: 'what happened', hint: 'what to do' }
    expect(JSON.parse(context.stderr())).toEqual({ error: document })
    expect(context.stdout()).toBe('')
  })
})

it('keeps the exit codes that runbooks rely on', () => {
  expect(EXIT_CODES).toEqual({
    ...{ internal: 1, usage: 2, mistyped: 3, rejected: 4, locked: 5, refused: 6, notfound: 7, damaged: 8, busy: 9 },
    cancelled: 130,
  })
})

describe('an error without a hint', () => {
  it('prints one line, and null as its hint in JSON', async () => {
    const error = new KeydeskError('busy', 'busy', 'what happened')
    await fail(error)
    expect(context.stderr()).toBe('keydesk: what happened\n')
    context = fakeContext()
    await fail(error, '--json')
    expect(JSON.parse(context.stderr()).error.hint).toBeNull()
  })
})

describe('a refusal with details', () => {
  it('gets them as fields of the JSON error', async () => {
    const refusal = {
      kind: 'mistyped',
      reason: 'corrected',
      message: 'm',
      details: { proposal: 'NBAJN-00737-8YWXP' },
    } as const
    expect(await fail(KeydeskError.of(refusal), '--json')).toBe(3)
    expect(JSON.parse(context.stderr()).error).toMatchObject({ code: 'mistyped', proposal: 'NBAJN-00737-8YWXP' })
  })
})

describe('an internal error', () => {
  const canary = 'correct horse battery staple'

  it.each<[string, unknown, string]>([
    ['an error', new TypeError(`cannot read ${canary}`), 'internal error: TypeError at '],
    ['an error with a code', Object.assign(new Error(canary), { code: 'ERR_X' }), 'internal error: Error ERR_X at '],
    ['an error without a place', Object.assign(new Error(canary), { stack: canary }), 'internal error: Error'],
    ['a text', canary, 'internal error: string'],
    ['nothing', undefined, 'internal error: undefined'],
    ['null', null, 'internal error: object'],
  ])('(%s) gives exit 1 with its type and place, and without its message', async (_, thrown, message) => {
    expect(await fail(thrown)).toBe(1)
    expect(context.stderr()).toContain(`keydesk: ${message}`)
    expect(context.stderr()).toContain('please report it')
    expect(context.stderr()).not.toContain(canary)
  })
})

describe('an error of the operating system', () => {
  it.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE'])(
    '(%s) is a refusal, not an internal error',
    async (code) => {
      const error = Object.assign(new Error('secret'), { code, syscall: 'open', path: '/some/file' })
      expect(await fail(error)).toBe(6)
      expect(context.stderr()).toBe(`keydesk: the system refused: open /some/file (${code})\n`)
    },
  )

  it('is printed without a path if it has none', async () => {
    expect(await fail(Object.assign(new Error('secret'), { code: 'ENOSPC', syscall: 'write' }))).toBe(6)
    expect(context.stderr()).toBe('keydesk: the system refused: write (ENOSPC)\n')
  })
})

describe('hostile text in an error', () => {
  const error = new KeydeskError('notfound', 'x', 'no \u001b[2J\u202e', 'a\nb')

  it('is escaped on stderr, and stays on its line', async () => {
    await fail(error)
    expect(context.stderr()).toBe('keydesk: no \\u{1b}[2J\\u{202e}\nhint: a\\u{a}b\n')
  })

  it('is escaped in JSON, and complete once it is parsed', async () => {
    await fail(error, '--json')
    expect(context.stderr()).toMatch(/^[ -~]*\n$/)
    expect(JSON.parse(context.stderr()).error.message).toBe('no \u001b[2J\u202e')
  })
})

describe('help and version', () => {
  it('are printed on stdout with exit 0', async () => {
    expect(await fail(null, '--help')).toBe(0)
    expect(context.stdout()).toContain('Usage: keydesk noun fail')
    context = fakeContext()
    expect(await fail(null, '--version')).toBe(0)
    expect([context.stdout(), context.stderr()]).toEqual(['1.2.3\n', ''])
  })

  it('are printed for the words of a command too', async () => {
    const program = createProgram('keydesk', '', '1.2.3', context)
    program.command('noun').command('verb')
    expect(await runProgram(program, ['help', 'noun', 'verb'], context)).toBe(0)
    expect(context.stdout()).toContain('Usage: keydesk noun verb')
  })
})
