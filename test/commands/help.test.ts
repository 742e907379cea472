/** Every example of every help text is run, on a desk where it can succeed: what help shows works. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { main } from '../../src/cli.ts'
import { fakeContext } from '../fake-context.ts'
import {
  type Bench,
  createDesk,
  createWorkstation,
  expectOk,
  invitePhone,
  PASSPHRASE,
  runWithPerson,
  storeOf,
} from './bench.ts'

const COMMANDS = [
  '',
  'init',
  'unlock',
  'lock',
  'status',
  'device invite',
  'device list',
  'device show',
  'device block',
  'device unblock',
  'device retire',
  'reset check',
  'reset confirm',
  'reset history',
  'audit list',
  'store backup',
  'store restore',
  'store accept',
  'audit verify',
  'audit checkpoint',
  'audit export',
  'store info',
  'store verify',
]

async function readHelp(command: string): Promise<string> {
  const context = fakeContext()
  expect(await main([...command.split(' ').filter((word) => word !== ''), '--help'], context)).toBe(0)
  return context.stdout()
}

const findExamples = (help: string): string[] =>
  Array.from(help.matchAll(/^ {2}(?:code=\$\()?(keydesk .*?)\)?$/gm), ([, line]) => line as string)

/** The words of an example, as a shell splits them, with the codes of a phone that is really there. */
function readExample(example: string, code: string, home: string): string[] {
  const line = example
    .replace('/mnt/backup', home)
    .replace('NBAJN-00737-8YWXP', code)
    .replace('nbajn 00737 8ywxp', code.toLowerCase().replaceAll('-', ' '))
    .replace('NBAJN', code.slice(0, 5))
  return Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => (quoted ?? bare) as string).slice(1)
}

/**
 * Where the example can succeed: a desk with a locked phone, blocked where it is to be unblocked; for `init` there is
 * none yet.
 */
async function prepare(example: string): Promise<{ bench: Bench; code: string }> {
  if (example.includes('init')) return { bench: createWorkstation(), code: '' }
  const bench = await createDesk()
  const phone = await invitePhone(bench)
  const backup = join(bench.home, 'desk-2026-03-02.keydesk')
  if (example.includes('restore')) await expectOk(bench, ['store', 'backup', backup])
  if (example.includes('accept')) await putBack(bench)
  if (example.includes('unblock')) await expectOk(bench, ['device', 'block', phone.deviceId])
  return { bench, code: phone.resetCode() }
}

/** Puts the store back to where it was one entry ago. */
async function putBack(bench: Bench): Promise<void> {
  const before = readFileSync(storeOf(bench))
  await invitePhone(bench)
  writeFileSync(storeOf(bench), before)
}

describe.each(COMMANDS)('keydesk %s', (command) => {
  it('has examples that work', async () => {
    const examples = findExamples(await readHelp(command))
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const { bench, code } = await prepare(example)
      const answers = /keydesk (init|unlock)/.test(example) ? [PASSPHRASE, PASSPHRASE] : [true]
      expect(await runWithPerson(bench, readExample(example, code, bench.home), ...answers), example).toMatchObject({
        exit: 0,
      })
    }
  })
})
