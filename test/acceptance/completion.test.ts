/**
 * Guards TAB in real shells, each at a pseudo-terminal:
 * - A completed name reaches `keydesk` as one word that is exactly the name, whatever the name contains.
 * - Nothing in a name or on the line is run on the way.
 * PowerShell is not run here: test/completion checks the words that it would get.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { quoteBash } from '../../src/completion/bash-words.ts'
import { asHexId } from '../../src/crypto/bytes.ts'
import { asDeviceSecret } from '../../src/crypto/keys.ts'
import { formatTag } from '../../src/crypto/tag.ts'
import { decideInvite } from '../../src/desk/device/decide.ts'
import { withDesk } from '../../src/session/open.ts'
import { openContext } from '../commands/bench.ts'
import { HOSTILE } from '../term/hostile.ts'
import { playTerminal, type Turn } from '../term/pseudo-terminal.ts'
import { createMachine, createRealDesk, expectOk, KEYDESK, type Machine, run, start, waitFor } from './programs.ts'
import { isThere } from './tools.ts'

/** Names with characters that a shell may act on. `touch "$CANARY"` must never be run. */
const NAMES = [
  'with two  spaces',
  "it's his",
  'say "hi"',
  '$(touch "$CANARY")',
  '`touch "$CANARY"`',
  ';touch "$CANARY"',
  '|touch "$CANARY"',
  '&touch "$CANARY"&',
  '>$CANARY',
  '<(touch "$CANARY")',
  '"$(touch "$CANARY")"',
  '\'$(touch "$CANARY")\'',
  '\\$(touch "$CANARY")',
  ['$HOME $', '{HOME} %PATH%'].join(''),
  '~ * ? [a-z] {a,b}',
  '!! !1 ^a^b',
  '#c =ls %1',
  'a\\b\\',
  'a@b:c=d,e',
  'é 漢字 ‘q’',
]
const LEFT_OUT = [
  ...HOSTILE.filter((text) => /\p{C}/u.test(text)),
  '$(touch "$CANARY")\u001b]52;c;cm0=\u0007',
  'x'.repeat(10_000),
]
const prefixOf = (i: number) => `n${String(i).padStart(2, '0')}x`

/** Puts devices into the store past the commands, which would refuse these names. */
async function invite(machine: Machine, names: readonly string[]): Promise<void> {
  const context = openContext({ home: machine.home, agents: [], nowMs: Date.now() })
  await withDesk(context, { input: false, color: false }, async (desk) => {
    for (const [i, name] of names.entries()) {
      const deviceId = asHexId(i.toString(16).padStart(32, '0'))
      const device = {
        deviceId,
        tag: 1_000 + i,
        name: `${prefixOf(i)}${name}`,
        user: `${prefixOf(i)}${name}`,
        model: null,
        platform: null,
      }
      const request = { ...device, registeredBy: 'password', pinAllowed: false, newUserId: deviceId } as const
      const secret = asDeviceSecret(context.random(32))
      await desk.commit(async (_, now) => decideInvite(null, { ...request, secret }, { now, operator: desk.me }))
    }
  })
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

const machine = createMachine()
const bin = join(machine.home, 'bin')
const canary = join(machine.home, 'canary')
const log = join(machine.home, 'log')
const tabs = join(machine.home, 'tabs')
const ALL = [...NAMES, ...LEFT_OUT]

/** A `keydesk` that completes like the real one. It keeps the arguments of each call in a file, and answers `TAKEN`. */
const STAND_IN = `#!/bin/sh
keep() { file=$1; shift; printf '%s\\0' "$#" "$@" >>"$file"; }
[ "$1" = complete ] || { keep ${quote(log)} "$@"; echo TAKEN; exit; }
keep ${quote(tabs)} "$@"
exec ${quote(process.execPath)} ${quote(KEYDESK)} "$@"
`

/** The arguments of each call that the stand-in kept in this file: their number, then each, all of them ended by NUL. */
function readCalls(path: string): string[][] {
  const words = readFileSync(path, 'utf8').split('\0').slice(0, -1)
  const calls: string[][] = []
  while (words.length > 0) calls.push(words.splice(0, Number(words.shift())))
  return calls
}

beforeAll(async () => {
  await createRealDesk(machine)
  await invite(machine, ALL)
  mkdirSync(bin)
  writeFileSync(join(bin, 'keydesk'), STAND_IN, { mode: 0o755 })
  for (const shell of Object.keys(SHELLS))
    writeFileSync(join(machine.home, `completion.${shell}`), await expectOk(machine, ['completion', shell]))
})

const script = (shell: string) => quote(join(machine.home, `completion.${shell}`))
/** The command that starts each shell, with its completion loaded and without the user's own settings. */
const SHELLS = {
  bash: () => {
    const rc = join(machine.home, 'bashrc')
    writeFileSync(rc, `source ${script('bash')}\nPS1='READY '\n`)
    return `exec bash --noprofile --rcfile ${quote(rc)} -i`
  },
  zsh: () => {
    mkdirSync(join(machine.home, 'z'), { recursive: true })
    const lines = ["PS1='READY '", 'autoload -Uz compinit', 'compinit -u -D', `source ${script('zsh')}`]
    writeFileSync(join(machine.home, 'z', '.zshrc'), `${lines.join('\n')}\n`)
    return `ZDOTDIR=${quote(join(machine.home, 'z'))} exec zsh -d -i`
  },
  fish: () => {
    const prompt = 'function fish_prompt; printf "READY "; end; set -g fish_autosuggestion_enabled 0'
    return `exec fish --no-config -i -C ${quote(`${prompt}; source ${script('fish')}`)}`
  },
}

/** Types the lines, each with TAB and Enter. Resolves to the arguments of each call of `keydesk`. */
async function play(shell: keyof typeof SHELLS, lines: readonly string[]): Promise<string[][]> {
  for (const path of [log, tabs]) writeFileSync(path, '')
  const { XDG_RUNTIME_DIR: runtime, HOME: home } = machine.env
  const env = `HOME='${home}' XDG_RUNTIME_DIR='${runtime}' CANARY='${canary}' PATH='${bin}':"$PATH" LC_ALL=C.UTF-8`
  // A shell may draw its prompt again while it completes. The next line waits for the prompt after the answer.
  const ready = (i: number) => (i === 0 ? 'READY ' : ['TAKEN', 'READY '])
  const turns: Turn[] = [...lines.map((line) => `${line}\t\r`), 'exit\r'].map((typed, i) => [ready(i), typed])
  await playTerminal(`export ${env}; ${SHELLS[shell]()}`, turns)
  return readCalls(log)
}

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  const withShell = it.skipIf(!isThere(shell, shell))

  withShell('completes a name as one word, and runs nothing of it', async () => {
    const called = await play(
      shell,
      NAMES.map((_, i) => `keydesk device show ${prefixOf(i)}`),
    )
    expect(called).toEqual(NAMES.map((name, i) => ['device', 'show', `${prefixOf(i)}${name}`]))
    expect(existsSync(canary)).toBe(false)
  })

  withShell('continues inside an open quote, or leaves the word alone', async () => {
    for (const quote of ['"', "'"]) {
      // If bash gets no word, the quote stays open, and Enter would not end the line. test/completion checks for
      // which names that is so.
      const within = (name: string) => shell !== 'bash' || quoteBash(name, { kept: quote, quote } as never) !== null
      const tried = NAMES.map((name, i) => [name, prefixOf(i)] as const).filter(([name]) => within(name))
      const called = await play(
        shell,
        tried.map(([, prefix]) => `keydesk device show ${quote}${prefix}`),
      )
      expect(called).toEqual(tried.map(([name, prefix]) => ['device', 'show', `${prefix}${name}`]))
      expect(existsSync(canary)).toBe(false)
    }
  })

  withShell('inserts the tag, or nothing, instead of a name that cannot be shown', async () => {
    const at = LEFT_OUT.map((_, i) => NAMES.length + i)
    const called = await play(
      shell,
      at.map((i) => `keydesk device show ${prefixOf(i)}`),
    )
    expect(called.map(([, , word]) => word)).toEqual(
      at.map((i) => expect.toBeOneOf([prefixOf(i), formatTag(1_000 + i)])),
    )
    expect(existsSync(canary)).toBe(false)
  })

  withShell('runs nothing that is on the line', async () => {
    const lines = ['"$(touch $CANARY)"', '`touch $CANARY`'].map(
      (value) => `keydesk device list --search ${value} --sta`,
    )
    // Ctrl-U deletes the line before it is entered: a user who enters it runs it on purpose.
    const called = await play(
      shell,
      lines.map((line) => `${line}\t\u0015keydesk loc`),
    )
    expect(called).toEqual([['lock'], ['lock']])
    expect(readCalls(tabs).flat().join(' ')).toContain('--sta')
    expect(existsSync(canary)).toBe(false)
  })

  withShell('completes commands, options, their choices, users and tags', async () => {
    const lines = [
      'keydesk dev',
      'keydesk reset con',
      'keydesk device list --plat',
      'keydesk device list --platform io',
    ]
    const more = [
      'keydesk user show n18xa@b',
      'keydesk device list --user=n18xa@b:',
      `keydesk device show ${formatTag(1_003)}`,
    ]
    const called = await play(shell, [...lines, ...more])
    expect(called).toEqual([
      ['device'],
      ['reset', 'confirm'],
      ['device', 'list', '--platform'],
      ['device', 'list', '--platform', 'ios'],
      ['user', 'show', 'n18xa@b:c=d,e'],
      ['device', 'list', '--user=n18xa@b:c=d,e'],
      ['device', 'show', formatTag(1_003)],
    ])
  })
})

describe('keydesk complete', () => {
  const ask = (...argv: string[]) => run(machine, ['complete', ...argv])

  it.each([
    ['nothing'],
    ['csh', 'x'],
    ['bash'],
    ['zsh'],
    ['powershell', '=keydesk', '=--store', '=/nowhere', '=x'],
    ['fish', 'other', 'x'],
  ])('never fails and never prints an error: %s %s', async (...argv) => {
    expect(await ask(...argv)).toEqual({ exit: 0, out: 'words\n', err: '' })
  })

  it('gives no names, with exit 0, if no desk was ever set up', async () => {
    const empty = createMachine()
    const { exit, out, err } = await run(empty, ['complete', 'zsh', 'keydesk', 'device', 'show', ''])
    expect([exit, out, err]).toEqual([0, 'words\n', ''])
    expect(await run(empty, ['complete', 'zsh', 'keydesk', 'dev'])).toMatchObject({
      out: expect.stringMatching(/^words\ndevice\t/),
    })
  })

  it('gives no codes, PINs or secrets', async () => {
    const lines = [
      'reset confirm ',
      'reset check ',
      'reset confirm --totp ',
      'pin redeem n18xa@b:c=d,e ',
      'totp verify n18xa@b:c=d,e ',
      'unlock --totp ',
    ]
    for (const line of lines) expect((await ask('bash', `keydesk ${line}`, '')).out, line).toBe('words\n')
  })

  it('loads no cryptography, no store and no commands', async () => {
    const spy = machine.keep(
      'spy.cjs',
      `process.on('exit', () => process.stderr.write(JSON.stringify([process.moduleLoadList, Object.keys(require.cache)])))`,
    )
    // Cheap scrypt would load the cryptography that the test looks for.
    const env = { NODE_OPTIONS: '' }
    const argv = ['--require', spy, KEYDESK, 'complete', 'bash', 'keydesk device show n0', '']
    const { err, out } = await waitFor(start(machine, argv, { env }))
    expect(out).toContain('n01x')
    const [builtins, files] = JSON.parse(err) as [string[], string[]]
    expect(builtins.filter((name) => /NativeModule (crypto|sqlite|child_process)$/.test(name))).toEqual([])
    expect(files.map((path) => path.replace(/^.*\//, '')).sort()).toEqual(['complete.cjs', 'keydesk.cjs', 'spy.cjs'])
  })
})
