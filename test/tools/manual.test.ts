/** Tests the built man pages: one for each command of the help, with the options of the help, and without faults. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, it, test } from 'vitest'
import { EXIT_CODES } from '../../src/errors.ts'
import { openProgram } from '../../src/program/keydesk.ts'
import { openProgram as openDevice } from '../../src/program/keydesk-device.ts'
import { isThere } from '../acceptance/tools.ts'
import { fakeContext } from '../fake-context.ts'

const folder = fileURLToPath(new URL('../../dist/man/man1', import.meta.url))
const files = readdirSync(folder)
/** A page without font changes and escapes. */
const read = (name: string) =>
  readFileSync(join(folder, `${name}.1`), 'utf8')
    .replace(/\\f[BIR]/g, '')
    .replaceAll('\\-', '-')
    .replaceAll('\\(cq', '’')

const keydesk = await openProgram(fakeContext(), () => true)
const device = openDevice(fakeContext())
const walk = (words: string, command: Command): [string, Command][] =>
  command.commands.flatMap((each) => [
    [`${words} ${each.name()}`, each] as [string, Command],
    ...walk(`${words} ${each.name()}`, each),
  ])
const commands = walk('keydesk', keydesk)

describe('each command of the help has a page, with the options of the help', () => {
  // The name of its page belongs to the page of `keydesk-device`.
  const paged = commands.filter(([words]) => words !== 'keydesk device')
  it.each(paged)('%s', (words, command) => {
    const page = read(words.replaceAll(' ', '-'))
    const sections = page.split(/^\.SH /m)
    const own = sections.find((section) => section.startsWith('OPTIONS')) ?? ''
    const flags = [...own.matchAll(/^\.TP\n(.+)$/gm)].map(([, line = '']) => line.match(/--?[\w-]+/g) ?? [])
    const expected = command
      .createHelp()
      .visibleOptions(command)
      .map(({ short, long }) => [short, long].filter(Boolean))
    expect(flags).toEqual(expected)
    expect(page).toContain(`${words}-`.replaceAll(' ', '-').slice(0, -1))
    for (const title of [
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'GLOBAL OPTIONS',
      'EXIT STATUS',
      'ENVIRONMENT',
      'FILES',
      'SEE ALSO',
    ])
      expect(
        sections.some((section) => section.startsWith(`${title}\n`)),
        title,
      ).toBe(true)
    for (const { name } of command.registeredArguments.map((each) => ({ name: each.name() })))
      expect(page).toContain(name)
  })

  it('no other page exists, and package.json lists each page', () => {
    const names = [...paged.map(([words]) => `${words.replaceAll(' ', '-')}.1`), 'keydesk.1', 'keydesk-device.1']
    expect(files.sort()).toEqual(names.sort())
    // npm installs the pages that package.json lists: a new command needs a line there.
    const { man } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      man: string[]
    }
    expect(man).toEqual(names.map((name) => `./dist/man/man1/${name}`))
  })

  it('keydesk(1) lists every command that runs, and keydesk-device(1) has a section for each of its commands', () => {
    for (const [words, { commands: below }] of commands)
      if (below.length === 0) expect(read('keydesk')).toContain(`.TP\n${words}\n`)
    for (const each of device.commands) {
      const section =
        read('keydesk-device')
          .split(/^\.SH /m)
          .find((part) => part.startsWith(`${each.name().toUpperCase()}\n`)) ?? ''
      for (const { long } of each.options) expect(section).toContain(long)
    }
  })
})

test('a page lists the exit codes of the program', () => {
  for (const [name, code] of Object.entries(EXIT_CODES))
    expect(read('keydesk-reset-confirm')).toContain(`.TP\n${code}\n${name}: `)
})

test('keydesk(1) names every KEYDESK_ variable in the sources', () => {
  const sources = readdirSync(new URL('../../src', import.meta.url), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts'),
  )
  const named = sources.flatMap(
    (name) => readFileSync(new URL(`../../src/${name}`, import.meta.url), 'utf8').match(/\bKEYDESK_[A-Z_]+/g) ?? [],
  )
  for (const name of new Set(named)) expect(read('keydesk')).toContain(name)
})

const paths = files.map((name) => join(folder, name))
test.skipIf(!isThere('mandoc', 'mandoc', ['-Tlint', '-Wfatal', ...paths.slice(0, 1)]))(
  'mandoc finds no fault in any page',
  () => {
    expect(spawnSync('mandoc', ['-Tlint', ...paths], { encoding: 'utf8' }).stdout).toBe('')
  },
)

test.skipIf(!isThere('man', 'man-db'))('man prints no warning for any page', () => {
  for (const path of paths)
    expect(
      spawnSync('man', ['--warnings', '-l', path], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C.UTF-8', MANPAGER: 'cat' },
      }).stderr,
      path,
    ).toBe('')
})
