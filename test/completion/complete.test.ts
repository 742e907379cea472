/**
 * The answer to a TAB, tested without a shell.
 * - The candidates for the next word, in the form of each shell.
 * - A name of the desk is inserted as one word, never as more.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteBash, readTyped } from '../../src/completion/bash-words.ts'
import { type CommandFact, describeCommand } from '../../src/completion/command-table.ts'
import { complete, type FindNames, type Named } from '../../src/completion/complete.ts'
import { isInsertable, quotePowershell, readWord, splitLine } from '../../src/completion/shell-words.ts'
import { openProgram } from '../../src/program/keydesk.ts'
import { openProgram as openDevice } from '../../src/program/keydesk-device.ts'
import { fakeContext } from '../fake-context.ts'
import { HOSTILE, hostileText } from '../term/hostile.ts'

const context = fakeContext()
const PROGRAMS = [await openProgram(context, () => true), openDevice(context)].map(describeCommand)
const BREAKS = ' \t\n"\'@><=;|&(:'
const NOBODY: FindNames = async () => []

/** The candidates for a zsh line whose last word is being typed. */
async function ask(line: string, findNames: FindNames = NOBODY): Promise<string[]> {
  const out = await complete(['zsh', ...line.split(' ')], PROGRAMS, findNames)
  return out
    .split('\n')
    .slice(1, -1)
    .map((each) => each.split('\t')[0] as string)
}

/** The arguments of the search for names: kind, prefix, and the desk of the line. Empty if there was no search. */
async function lookedFor(line: string): Promise<unknown[]> {
  let asked: unknown[] = []
  await ask(line, async (...request) => {
    asked = request
    return []
  })
  return asked
}

describe('the candidates for the next word', () => {
  it.each([
    ['keydesk dev', ['device']],
    ['keydesk help res', ['reset']],
    ['keydesk help reset ch', ['check']],
    ['keydesk operator trust ', ['list', 'revoke']],
    ['keydesk --store x operator trust l', ['list']],
    ['keydesk device list --platform ', ['ios', 'android']],
    ['keydesk device list --platform=a', ['--platform=android']],
    ['keydesk completion p', ['powershell']],
    ['keydesk completion bash ', []],
    ['keydesk reset confirm --verified-by ca', ['callback']],
    ['keydesk reset confirm --verified-by callback --veri', []],
    ['keydesk unlock --trust --fo', ['--for']],
    ['keydesk-device --state x for', ['forgot']],
    ['/usr/bin/keydesk loc', ['lock']],
    ['other dev', []],
    ['keydesk nonsense ', []],
    ['keydesk --nonsense=', []],
    ['keydesk device show --nonsense x', []],
  ])('%s', async (line, expected) => {
    expect(await ask(line)).toEqual(expected)
  })

  it.each([
    ['keydesk store restore ', 'files'],
    ['keydesk --store ', 'files'],
    ['keydesk store info --store=', 'files'],
    ['keydesk store info --passphrase-file ', 'files'],
    ['keydesk audit verify --against x', 'files'],
    ['keydesk operator add ', 'files'],
    ['keydesk-device --state ', 'files'],
    ['keydesk operator add --name ', 'words'],
    ['keydesk policy set x ', 'words'],
  ])('%s are %s', async (line, kind) => {
    expect(await complete(['fish', ...line.split(' ')], PROGRAMS, NOBODY)).toBe(`${kind}\n`)
  })

  it.each<[string, unknown[]]>([
    ['keydesk device show zo', ['device', 'zo', { store: null, operator: null }]],
    ['keydesk reset confirm --device z', ['device', 'z', { store: null, operator: null }]],
    ['keydesk audit list --by an', ['operator', 'an', { store: null, operator: null }]],
    ['keydesk operator remove an', ['operator', 'an', { store: null, operator: null }]],
    ['keydesk device list --store a --store=b --user=z', ['user', 'z', { store: 'a', operator: null }]],
    ['keydesk --operator bob user grant z', ['user', 'z', { store: null, operator: 'bob' }]],
    ['keydesk pin check z', ['user', 'z', { store: null, operator: null }]],
    ['keydesk user add z', []],
    ['keydesk operator list x', []],
  ])('%s come from the expected search for names', async (line, asked) => {
    expect(await lookedFor(line)).toEqual(asked)
  })

  it('contain no code, PIN or secret: no name is searched for and no word is offered', async () => {
    const secret = /^(code|codes|pin|totp|fingerprint|words|invitation|key|value)$/
    const walk = (path: string, { commands, arguments: args, options }: CommandFact): string[] => [
      ...args.flatMap(({ name }, i) => (secret.test(name) ? [`${path} ${'x '.repeat(i)}`] : [])),
      ...options.flatMap(({ names, value }) => (secret.test(value ?? '') ? [`${path} ${names[0]} `] : [])),
      ...commands.flatMap((each) => walk(`${path} ${each.name}`, each)),
    ]
    const lines = PROGRAMS.flatMap((program) => walk(program.name, program))
    expect(lines.length).toBeGreaterThan(12)
    for (const line of lines)
      expect([
        line,
        await complete(['zsh', ...line.split(' ')], PROGRAMS, async () => [{ name: 'x', tag: null, about: '' }]),
      ]).toEqual([line, 'words\n'])
  })
})

describe('a name of the desk', () => {
  const named = (name: string): Named => ({ name, tag: 'NBAJN', about: `NBAJN of ${name}` })
  const found = async (...names: string[]) => ask('keydesk device show ', async () => names.map(named))

  it('is inserted if it is printable, and otherwise its tag is inserted', async () => {
    expect(await found('phone of zoë', '$(rm -rf ~)')).toEqual(['phone of zoë', '$(rm -rf ~)'])
    for (const text of [...HOSTILE.filter((each) => /[\p{C}\p{Zl}]/u.test(each)), '--yes', '-y', 'x'.repeat(201)])
      expect(await found(text), JSON.stringify(text)).toEqual(['NBAJN'])
  })

  it('has a description that adds no line and no escape sequence', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        for (const shell of ['zsh', 'fish', 'powershell']) {
          const out = await complete(
            [shell, ...['keydesk', 'device', 'show', ''].map((word) => (shell === 'powershell' ? `=${word}` : word))],
            PROGRAMS,
            async () => [named(text)],
          )
          expect(out.split('\n')).toHaveLength(3)
          expect(out).not.toMatch(/[^\P{C}\n\t]/u)
        }
      }),
    )
  })

  it('is read back by bash as one and the same word, after any opening quote', () => {
    fc.assert(
      fc.property(
        fc.oneof(hostileText, fc.string({ unit: 'grapheme-ascii' })),
        fc.constantFrom('', '"', "'"),
        (name, open) => {
          fc.pre(isInsertable(name))
          const typed = readTyped(open, BREAKS)
          const inserted = typed === null ? null : quoteBash(name, typed)
          expect(inserted !== null || open !== '').toBe(true)
          if (inserted === null) return
          const words = splitLine(`keydesk device show ${open}${inserted}${open} `)
          expect(words).toHaveLength(5)
          expect(readWord(words[3] as string, 'bash')).toBe(name)
        },
      ),
    )
  })

  it('is continued after a word break of readline, and nowhere else', () => {
    const insert = (raw: string, word: string) => {
      const typed = readTyped(raw, BREAKS)
      return typed === null ? null : quoteBash(word, typed)
    }
    expect(insert('zoe@ex', 'zoe@example.ch')).toBe('@example.ch')
    expect(insert('--user=z', '--user=zoe')).toBe('zoe')
    expect(insert('a\\:', 'a:b')).toBe('a:b')
    expect(insert('a:', 'a:b c')).toBe('b\\ c')
    expect(insert('b:', 'a:b')).toBe(null)
    for (const raw of ['a"b', "a'b", '"a"b', '$a', '`a', '$(a']) expect(insert(raw, 'ab'), raw).toBe(null)
  })

  it('is not inserted between quotes if it could be expanded or end them', () => {
    for (const name of ['$x', '`x`', 'a"b', 'a\\b', 'a!b'])
      expect(quoteBash(name, { kept: '"', quote: '"' })).toBe(null)
    expect(quoteBash("it's", { kept: "'", quote: "'" })).toBe(null)
  })

  it('is one PowerShell string, even with curly quotes', () => {
    expect(quotePowershell('zoe.phone')).toBe('zoe.phone')
    expect(quotePowershell('a$(b)`c"d')).toBe("'a$(b)`c\"d'")
    expect(quotePowershell('’; rm ~; ‘')).toBe("'’’; rm ~; ‘‘'")
    fc.assert(
      fc.property(hostileText, (text) => {
        const quoted = quotePowershell(text)
        if (/^[\p{L}\p{N}_.:/+=-]+$/u.test(quoted)) return
        expect(quoted.slice(1, -1).replace(/['‘’‚‛]{2}/g, '')).not.toMatch(/['‘’‚‛]/)
      }),
    )
  })
})
