/** The man pages, as built: one for each command of the help, with the options of the help, and no fault that a man program finds. */
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
/** A page as it is read: no macros, no escapes. */
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
  // The other program has a page of that name.
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

  it('and there is no page besides', () => {
    const names = [...paged.map(([words]) => `${words.replaceAll(' ', '-')}.1`), 'keydesk.1', 'keydesk-device.1']
    expect(files.sort()).toEqual(names.sort())
    // npm installs those that package.json lists: a new command wants a line there.
    const { man } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      man: string[]
    }
    expect(man).toEqual(names.map((name) => `./dist/man/man1/${name}`))
  })

  it('keydesk(1) lists every command that does something, keydesk-device(1) has a section for each of its own', () => {
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

test('the exit codes are those of the program', () => {
  for (const [name, code] of Object.entries(EXIT_CODES))
    expect(read('keydesk-reset-confirm')).toContain(`.TP\n${code}\n${name}: `)
})

test('every variable that the sources read is named', () => {
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
  'mandoc finds nothing to say',
  () => {
    expect(spawnSync('mandoc', ['-Tlint', ...paths], { encoding: 'utf8' }).stdout).toBe('')
  },
)

test.skipIf(!isThere('man', 'man-db'))('man warns of nothing', () => {
  for (const path of paths)
    expect(
      spawnSync('man', ['--warnings', '-l', path], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C.UTF-8', MANPAGER: 'cat' },
      }).stderr,
      path,
    ).toBe('')
})
