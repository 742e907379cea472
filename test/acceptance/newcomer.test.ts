/**
 * Guards the likeliest mistakes of a newcomer on the way to a first call, in the order in which they are made. Each
 * gives its exit code and the next step. The output is the one for a person at a terminal.
 */
import { describe, expect, it } from 'vitest'
import { createWorkstation, expectOk, invitePhone, PASSPHRASE, run, runWithPerson } from '../commands/bench.ts'

const INIT = ['init', '--org', 'Röntgen AG', '--operator', 'anna']
const CONFIRM = ['reset', 'confirm', '--verified-by', 'callback']

describe('the hint after a mistake on the way to a first call', () => {
  const bench = createWorkstation()

  async function expectHint(
    exit: number,
    hint: RegExp,
    argv: readonly string[],
    ...answers: (string | boolean)[]
  ): Promise<void> {
    const ended = await runWithPerson(bench, argv, ...answers)
    expect([argv.join(' '), ended.exit, ended.err]).toEqual([argv.join(' '), exit, expect.stringMatching(hint)])
    expect(ended.err).not.toContain(PASSPHRASE)
  }

  it('names init without a desk, and unlock at a second init', async () => {
    await expectHint(7, /hint: keydesk init --org/, ['device', 'list'])
    await expectHint(7, /hint: keydesk init --org/, ['unlock'])
    await expectOk(bench, [...INIT, '--passphrase-file', '-'], { input: PASSPHRASE })
    await expectHint(6, /already\nhint: if it is your desk: keydesk unlock; for another desk/, INIT)
  })

  it('mentions capital letters after a wrong passphrase, and names unlock to a script', async () => {
    await expectHint(5, /hint: mind capital letters/, ['unlock'], 'correct horse')
    await expectHint(5, /hint: mind capital letters/, ['unlock'], PASSPHRASE.toUpperCase())
    expect(await run(bench, ['device', 'list'])).toMatchObject({
      exit: 5,
      err: expect.stringMatching(/hint: keydesk unlock/),
    })
  })

  it('gives the next step for wrong names and codes', async () => {
    await expectOk(bench, ['unlock', '--passphrase-file', '-'], { input: PASSPHRASE })
    await expectHint(7, /hint: keydesk device list/, ['device', 'show', 'zoe'])
    await expectHint(7, /hint: keydesk user list/, ['user', 'show', 'zoe'])
    const phone = await invitePhone(bench)
    const code = phone.resetCode()
    await expectHint(3, /hint: ask the caller to read/, [...CONFIRM, code.slice(0, -3)])
    await expectHint(3, /hint: ask for the password reset code/, [...CONFIRM, phone.enrolmentCode])
    const wrong = code.slice(0, -1) + (code.endsWith('7') ? 'W' : '7')
    await expectHint(3, /hint: ask the caller to read the whole code/, [...CONFIRM, wrong], false)
    await expectHint(2, /hint: keydesk reset confirm --help/, ['reset', 'confirm', code, '--verified-by', 'voice'])
    await expectHint(2, /hint: did you mean confirm/, ['reset', 'confrim', code])
  })

  it('names unlock to a script if the agent forgot the keys; a person is asked for the passphrase', async () => {
    bench.nowMs += 16 * 60_000
    const list = ['device', 'list']
    expect(await run(bench, list)).toMatchObject({ exit: 5, err: expect.stringMatching(/hint: keydesk unlock/) })
    const asked = await runWithPerson(bench, list, PASSPHRASE)
    expect([asked.exit, asked.questions.join()]).toEqual([0, expect.stringContaining('Passphrase of anna')])
  })
})
