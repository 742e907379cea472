/**
 * Guards the steps of a call:
 * - the step that each key leads to;
 * - the requests that go to the desk, and their order;
 * - the next step after each refusal.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeCall } from '../../../src/commands/call/answers.ts'
import type { Effect } from '../../../src/commands/call/effect.ts'
import { keysOf } from '../../../src/commands/call/plain.ts'
import { writeCommand } from '../../../src/commands/call/single-commands.ts'
import { continueSearch, startSearch } from '../../../src/commands/call/steps/search.ts'
import { updateCall } from '../../../src/commands/call/update.ts'
import { formatTag } from '../../../src/crypto/tag.ts'
import { DEFAULT_POLICY } from '../../../src/desk/records/policy.ts'
import type { Frame } from '../../../src/term/screen.ts'
import { displayWidth } from '../../../src/term/width.ts'
import { hostileText } from '../../term/hostile.ts'
import { begin, CODE, draw, NOW, PHONE, type Play, press, pressKey, WORLD, type World } from './fixtures.ts'

const ENTER = '\r'
const ESC = '\u001b'
const CTRL_C = '\u0003'
const CTRL_E = '\u0005'
const CTRL_U = '\u0015'
const required: World = { ...WORLD, policy: { ...DEFAULT_POLICY, callerVerification: 'required' } }
const done = ({ asked }: Play): Effect['do'][] => asked.map((effect) => effect.do).filter((each) => each !== 'search')
const mishear = (code: string, ...places: number[]): string =>
  places.reduce((text, at) => text.slice(0, at) + (text[at] === 'X' ? 'Y' : 'X') + text.slice(at + 1), code)
const toVerify = (world = WORLD) => press(begin(world), `phone${ENTER}${ENTER}${CODE}${ENTER}`, world)
const toAnswer = (world = WORLD) => press(toVerify(world), `3${ENTER}`, world)

describe('a whole call', () => {
  it('asks for load, look, check, confirm, outcome and tell, in this order', () => {
    const play = press(toAnswer(), ` ${ENTER}1HD-4711${ENTER}`)
    expect(play.state.step).toBe('done')
    expect(done(play)).toEqual(['load', 'look', 'check', 'confirm', 'outcome', 'tell'])
    expect(play.state.finished).toEqual([
      {
        deviceId: PHONE.deviceId,
        tag: PHONE.tag,
        user: PHONE.user,
        verifiedBy: 'callback',
        confirmSeq: 12,
        result: 'opened',
        ticket: 'HD-4711',
        auditSeq: 13,
      },
    ])
  })

  it('lists the single commands that it ran, without a confirmation code, PIN or code of an app', () => {
    const withApp: World = { ...WORLD, app: 'active' }
    const play = press(toVerify(withApp), `1123456${ENTER}HD 1${ENTER}${ENTER}1`, withApp)
    const tag = formatTag(PHONE.tag)
    expect(play.state.ran.map(writeCommand)).toEqual([
      `keydesk reset check ${CODE} --device ${tag}`,
      'keydesk totp verify zoe@example.ch CODE',
      `keydesk reset confirm ${CODE} --device ${tag} --verified-by totp --ticket 'HD 1'`,
      `keydesk reset outcome ${tag} --opened --ticket 'HD 1'`,
    ])
    const code = play.state.confirmed?.answer.confirmationCode as string
    expect(JSON.stringify(play.state.ran)).not.toContain(code)
  })

  it('begins the next call with nothing of the last one, and leaves at q', () => {
    const ended = press(toAnswer(), `${ENTER}1${ENTER}`)
    const next = press(ended, 'n')
    expect(next.state).toMatchObject({ step: 'find', facts: null, ticket: null, confirmed: null, heard: null, ran: [] })
    expect(next.state.finished).toHaveLength(1)
    expect(press(ended, 'q').asked.at(-1)).toEqual({ do: 'leave', cancelled: false })
  })

  it('does not ask for a ticket that was given', () => {
    const play = press(begin(WORLD, 'phone', 'HD-1'), `${ENTER}${CODE}${ENTER}3${ENTER}${ENTER}2`)
    expect(play.state).toMatchObject({ step: 'done', ticket: 'HD-1', result: 'aborted' })
  })

  it('takes only a ticket of the preferred form, shows that form, and also goes on without a ticket', () => {
    const before = press(begin(WORLD, 'phone', null, 'INC####'), `${ENTER}${CODE}${ENTER}3`)
    expect(draw(before).lines.join('\n')).toMatch(/Tickets +look like INC####/)
    const refused = press(before, `HD-4711${ENTER}`)
    expect(refused.state).toMatchObject({
      step: 'confirm',
      notice: { message: 'tickets here look like INC####, and this one does not' },
    })
    expect(press(refused, `${CTRL_U}inc0815${ENTER}`).state).toMatchObject({ step: 'answer', ticket: 'inc0815' })
    const asked = press(before, `${ENTER}${ENTER}1`)
    expect(asked.state.step).toBe('ticket')
    expect(draw(asked).lines.join('\n')).toMatch(/Tickets +look like INC####/)
    expect(press(asked, `x${ENTER}`).state.step).toBe('ticket')
    expect(press(asked, ENTER).state).toMatchObject({ step: 'done', ticket: null })
  })
})

describe('finding a device', () => {
  it('takes the device that the command line names, if only one matches', () => {
    expect(begin(WORLD, 'max').state.step).toBe('glance')
    expect(begin(WORLD, 'zoë').state).toMatchObject({
      step: 'find',
      notice: { message: 'several devices match: choose one' },
    })
    expect(begin(WORLD, 'nobody').state.notice?.message).toBe('no device matches')
  })

  it.each([CODE, CODE.toLowerCase().replaceAll('-', ' '), CODE.replaceAll('0', 'o').replaceAll('1', 'l')])(
    'finds the device of the reset code %s, which need not be typed twice',
    (code) => {
      expect(press(begin(), `${code}${ENTER}${ENTER}`).state.step).toBe('words')
      expect(press(begin(WORLD, code), ENTER).state.step).toBe('words')
    },
  )

  it('takes no name for a code, even if its letters could be one', () => {
    const world: World = { ...WORLD, device: { ...PHONE, name: 'phone of zoe' } }
    expect(press(begin(world, 'phone of zoe'), ENTER, world).state).toMatchObject({ step: 'code', code: { text: '' } })
  })

  it('narrows the list as text is typed, and the mark stays in the list', () => {
    const play = press(begin(), `zoë${'\u001b[B'.repeat(5)}`)
    expect(play.state.search).toMatchObject({ at: 1, isDone: true })
    expect(press(play, ' tab').state.search).toMatchObject({ at: 0 })
    expect(press(play, `qqqqqq${ENTER}`).state.notice?.message).toBe('no device matches')
    expect(press(begin(), ESC).asked.at(-1)).toEqual({ do: 'leave', cancelled: false })
  })

  it('searches a hundred thousand devices in slices, so that no key waits', () => {
    const devices = Array.from({ length: 100_000 }, (_, i) => ({ ...PHONE, tag: i, name: `phone ${i}` }))
    let search = startSearch('99999', [], false)
    let slices = 0
    while (!search.isDone) {
      const before = search.looked
      search = continueSearch(search, devices)
      slices++
      expect(search.looked - before).toBeLessThanOrEqual(4_000)
    }
    expect([slices, search.found.map(({ name }) => name)]).toEqual([25, ['phone 99999']])
    expect(continueSearch(startSearch('phone', [], false), devices).found).toHaveLength(200)
  })

  it('ignores an answer for a text that was typed over', () => {
    const { state } = begin()
    const typed = updateCall(state, { kind: 'key', key: { name: 'text', text: 'z' } }).state
    const late = updateCall(typed, {
      kind: 'answer',
      answer: { to: 'search', search: { ...state.search, text: 'old' } },
    })
    expect(late.state.search.text).toBe('z')
  })
})

describe('the reset code', () => {
  const toCode = (world = WORLD) => press(begin(world, 'phone'), ENTER, world)
  const typed = (text: string) => press(toCode(), text)

  it('is checked as soon as it is complete, and not before', () => {
    expect(done(typed(CODE.slice(0, -1)))).not.toContain('check')
    expect(done(typed(CODE))).toContain('check')
  })

  it('takes letters for the digits that they resemble, and no U', () => {
    expect(typed('oil').state.code.text).toBe('011')
    expect(typed('au').state).toMatchObject({ code: { text: 'A' }, notice: { message: 'u is in no code' } })
  })

  it('shows the wrong symbol, moves the cursor there, and is checked after that symbol is corrected', () => {
    const wrong = typed(mishear(CODE, 8))
    expect(wrong.state).toMatchObject({ step: 'code', code: { cursor: 7 } })
    expect(wrong.state.notice?.message).toBe('group 2, third symbol: we have X, ask again')
    expect(done(wrong)).not.toContain('check')
    expect(press(wrong, CODE[8] as string).state).toMatchObject({ step: 'words', heard: { corrected: 'nothing' } })
  })

  it('is checked if the caller insists on it, and its correction is read back', () => {
    const insisted = press(typed(mishear(CODE, 8)), ENTER)
    expect(insisted.state).toMatchObject({ step: 'words', heard: { code: CODE, corrected: 'agreed' } })
    expect(draw(insisted).lines.join('\n')).toContain(`back to the caller: ${CODE}`)
  })

  it('is completed if one symbol is unreadable, and refused if all are', () => {
    const asked = typed(`${CODE.slice(0, 3)}?${CODE.slice(4)}`)
    expect(asked.state).toMatchObject({ step: 'words', heard: { code: CODE, corrected: 'unreadable' } })
    expect(typed(CODE.replace(/[^-]/g, '?')).state.notice?.message).toContain('15 symbols are missing')
  })

  it('can be typed again from the start if three symbols are wrong', () => {
    const wrong = typed(mishear(CODE, 1, 7, 12))
    expect(wrong.state.step).toBe('code')
    expect(press(wrong, `${CTRL_U}${CODE}`).state.step).toBe('words')
  })

  it('is reported after its first group if it is of another device', () => {
    expect(typed('00000').state.notice?.message).toBe('group 1 is not of this device')
  })

  it('takes a symbol that was left out at its place, and Backspace takes one back', () => {
    const text = CODE.replaceAll('-', '')
    const left = '\u001b[D'
    expect(typed(`${text.slice(0, 3)}${text.slice(4)}${left.repeat(11)}${text[3]}`).state.step).toBe('words')
    expect(typed('abc\u007f').state.code).toEqual({ text: 'AB', cursor: 2 })
  })
})

describe('a refusal', () => {
  it('of a blocked device leads to the outcome, and is announced before', () => {
    const blocked: World = { ...WORLD, device: { ...PHONE, state: 'blocked', blockedFor: 'stolen' } }
    const seen = begin(blocked, 'phone')
    expect(draw(seen).lines.join('\n')).toContain('LOOK  BLOCKED: stolen')
    expect(press(seen, ENTER, blocked).state.step).toBe('outcome')
  })

  it('of an old code or a repeat leads back to the code, but an admin may repeat with a reason', () => {
    const confirmed = (epoch: number, at = NOW): World => ({
      ...WORLD,
      device: { ...PHONE, lastConfirmed: { epoch, at, operator: 'x' } },
    })
    const old = press(begin(confirmed(9), 'phone'), `${ENTER}${CODE}`, confirmed(9))
    expect(old.state).toMatchObject({ step: 'code', code: { cursor: 0 }, notice: { tone: 'no' } })
    const again = confirmed(3, 0)
    expect(toAnswer(again).state).toMatchObject({
      step: 'code',
      notice: { message: expect.stringContaining('confirmed already') },
    })
    const admin: World = { ...again, role: 'admin' }
    const why = toAnswer(admin)
    expect(why.state.step).toBe('reason')
    expect(press(why, `the call dropped${ENTER}${ENTER}`, admin).state.step).toBe('answer')
  })

  it('of a code of an app asks for another, and a text that is no code is not sent to the desk', () => {
    const app: World = { ...WORLD, app: 'active' }
    const wrong = press(toVerify(app), `11234567${ENTER}`, app)
    expect(wrong.state.notice?.message).toBe('a code has six digits')
    expect(done(wrong)).not.toContain('totp')
    const rejected = press(wrong, `${CTRL_U}222222${ENTER}`, app)
    expect(rejected.state).toMatchObject({ step: 'totp', line: { text: '' }, notice: { message: 'the code is wrong' } })
    expect(press(rejected, `111 111${ENTER}`, app).state).toMatchObject({ step: 'confirm', verifiedBy: 'totp' })
  })

  it('of a look-up leaves the call at its step', () => {
    const { state } = press(begin(), 'phone')
    const looking = updateCall(state, { kind: 'key', key: { name: 'enter', text: '' } }).state
    const refusal = {
      kind: 'locked',
      reason: 'wrong-passphrase',
      message: 'this is not the passphrase of anna',
    } as const
    expect(updateCall(looking, { kind: 'refused', refusal }).state).toMatchObject({
      step: 'find',
      busy: null,
      notice: { tone: 'no' },
    })
  })
})

describe('the step that verifies the caller', () => {
  it('offers the methods that policy counts, and no verification only if policy allows that', () => {
    expect(draw(toVerify()).lines.join('\n')).toContain('6  go on without')
    expect(draw(toVerify(required)).lines.join('\n')).not.toContain('go on without')
    expect(press(toVerify(required), '6', required).state.step).toBe('verify')
    const onlyTwo: World = { ...WORLD, policy: { ...DEFAULT_POLICY, verificationMethods: ['callback', 'manager'] } }
    expect(press(toVerify(onlyTwo), '2', onlyTwo).state.verifiedBy).toBe('manager')
  })

  it('warns beside the code if the caller was not verified', () => {
    const play = press(toVerify(), `6${ENTER}`)
    expect(play.state.notice?.message).toBe('the caller was not verified, and the record says so')
  })

  it('asks an admin for a reason if policy demands verification', () => {
    const admin: World = { ...required, role: 'admin' }
    const asked = press(toVerify(admin), `6${ENTER}`, admin)
    expect(asked.state).toMatchObject({ step: 'reason', notice: { message: 'the reason is empty' } })
    expect(press(asked, `phone lost${ENTER}${ENTER}`, admin).state.step).toBe('answer')
  })

  it('takes a PIN, and says what is wrong with a text that is none', () => {
    expect(press(toVerify(), `2123${ENTER}`).state.notice?.message).toBe('a PIN is ten digits')
    expect(press(toVerify(), `212345 67890${ENTER}`).state).toMatchObject({ step: 'confirm', verifiedBy: 'pin' })
  })
})

const countConfirms = (play: Play): number => play.asked.filter((effect) => effect.do === 'confirm').length

function expectToFit({ lines, cursor }: Frame, columns: number, rows: number): void {
  expect(lines.length).toBeLessThanOrEqual(rows)
  expect(cursor?.row ?? 0).toBeLessThan(rows)
  for (const line of lines) {
    expect(displayWidth(line)).toBeLessThanOrEqual(columns)
    expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
  }
}

describe('keys', () => {
  it('leave at once for Ctrl-C, except during a commit, which is waited for', () => {
    const { state } = press(toVerify(), '3')
    const confirming = updateCall(state, { kind: 'key', key: { name: 'enter', text: '' } })
    expect(confirming.effect?.do).toBe('confirm')
    const pressed = updateCall(confirming.state, { kind: 'key', key: { name: 'ctrl-c', text: '' } })
    expect([pressed.effect, pressed.state.leaving]).toEqual([null, true])
    const refusal = { kind: 'busy', reason: 'busy', message: 'busy' } as const
    expect(updateCall(pressed.state, { kind: 'refused', refusal }).effect).toEqual({ do: 'leave', cancelled: true })
    expect(updateCall(pressed.state, { kind: 'key', key: { name: 'ctrl-c', text: '' } }).effect?.do).toBe('leave')
  })

  it('have no effect if they are typed while something is under way', () => {
    const { state } = press(toVerify(), '3')
    const confirming = updateCall(state, { kind: 'key', key: { name: 'enter', text: '' } }).state
    expect(updateCall(confirming, { kind: 'key', key: { name: 'enter', text: '' } })).toEqual({
      state: confirming,
      effect: null,
    })
  })

  it('go back one step for Esc, but never from a code that is shown', () => {
    let play = press(toVerify(), '3')
    for (const step of ['verify', 'words', 'code', 'glance', 'find']) {
      play = press(play, ESC)
      expect(play.state.step).toBe(step)
    }
    expect(press(toAnswer(), ESC).state).toMatchObject({ step: 'answer', notice: { tone: 'note' } })
    expect(press(toAnswer(), `${ENTER}${ESC}`).state.step).toBe('answer')
  })

  it('end a call at any step for Ctrl-E, once its device is known', () => {
    expect(press(begin(), CTRL_E).state.step).toBe('find')
    for (const play of [begin(WORLD, 'phone'), toVerify(), press(toVerify(), '3')])
      expect(press(play, `${CTRL_E}2${ENTER}`).state).toMatchObject({
        step: 'done',
        confirmed: null,
        result: 'aborted',
      })
  })

  it('show one group at a time, in a circle, or all of them again', () => {
    const groups = [' ', '  ', '   ', '    ', ' a', '3', '\u001b[D'].map((keys) => press(toAnswer(), keys).state.group)
    expect(groups).toEqual([0, 1, 2, 0, null, 2, 2])
  })

  it('in any number and order never throw, never overflow the screen, and confirm only by a typed Enter', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ENTER,
        ENTER,
        ESC,
        CTRL_E,
        CTRL_U,
        '1',
        '2',
        '3',
        '6',
        ' ',
        'n',
        'a',
        '?',
        'zoë',
        CODE,
        mishear(CODE, 3),
        '\u001b[A',
        '\u001b[B',
        '\u001b[D',
        '\u007f',
        `\u001b[200~${CODE}${ENTER}\u001b[201~`,
      ),
      hostileText,
    )
    const sizes = fc.constantFrom([80, 24], [120, 40], [40, 10], [12, 4])
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(piece, { maxLength: 40 }),
        sizes,
        (late, pieces, [columns = 80, rows = 24]) => {
          let play = late ? press(toVerify(), '3') : begin()
          for (const each of pieces) {
            const before = countConfirms(play)
            play = press(play, each)
            expectToFit(draw(play, columns, rows), columns, rows)
            // Pasted text never confirms, whatever it holds. The next test looks key by key at where Enter counts.
            if (countConfirms(play) > before) expect(each).toMatch(/^(?!\p{Cc}\[200~).*[\r\n]/su)
            if (play.asked.at(-1)?.do === 'leave') return
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('one at a time confirm only by Enter on the step that asks for it', () => {
    const keys = fc.constantFrom(
      ...([
        ['enter'],
        ['escape'],
        ['ctrl-e'],
        ['up'],
        ['tab'],
        ['text', '3'],
        ['text', '6'],
        ['text', '1'],
        ['text', 'n'],
        ['paste', CODE],
        ['paste', 'phone'],
      ] as const),
    )
    fc.assert(
      fc.property(fc.nat(2), fc.array(keys, { maxLength: 30 }), (start, pressed) => {
        // Some runs begin near the confirm step: few come so far from the first screen.
        let play = [begin, toVerify, () => press(toVerify(), '3')][start]?.() as Play
        for (const [name, text = ''] of pressed) {
          const { step } = play.state
          const before = play.asked.length
          play = pressKey(play, { name, text })
          const asked = play.asked.slice(before).map((effect) => effect.do)
          if (asked.includes('confirm')) expect([step, name]).toEqual(['confirm', 'enter'])
          if (asked.includes('leave')) return
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('the screen', () => {
  it('fits the terminal with any names', () => {
    fc.assert(
      fc.property(hostileText, fc.constantFrom(80, 120, 40), (text, columns) => {
        const world: World = {
          ...WORLD,
          device: { ...PHONE, name: text, user: text, model: text, state: 'blocked', blockedFor: text },
        }
        for (const play of [
          begin(world),
          begin(world, PHONE.deviceId),
          press(begin(world, PHONE.deviceId), ENTER, world),
        ])
          expectToFit(draw(play, columns, 24), columns, 24)
      }),
    )
  })

  it('says in words what is unusual about a device', () => {
    const odd: World = {
      ...WORLD,
      device: {
        ...PHONE,
        alarmAt: NOW - 1,
        wrongCodes: { day: Math.floor(NOW / 86_400_000), count: 3 },
        lastConfirmed: { epoch: 2, at: NOW - 3_600_000, operator: 'x' },
      },
    }
    const text = draw(begin(odd, 'phone')).lines.join('\n')
    for (const word of ['ALARM:', 'WRONG CODES: 3', 'RESET BEFORE: 60 min ago']) expect(text).toContain(word)
  })
})

describe('a call that is left', () => {
  it('is described as far as it came', () => {
    expect(describeCall(toVerify().state, null)).toMatchObject({
      confirmSeq: null,
      verifiedBy: null,
      result: null,
      auditSeq: null,
    })
    expect(press(toAnswer(), CTRL_C).asked.at(-1)).toEqual({ do: 'leave', cancelled: true })
  })
})

describe('a call line by line', () => {
  it('turns each line into the keys that a screen would get', () => {
    const names = (step: 'find' | 'code' | 'confirm' | 'verify', line: string) =>
      keysOf({ ...begin().state, step }, line).map(({ name }) => name)
    expect(names('find', 'zoë')).toEqual(['ctrl-u', 'paste'])
    expect(names('find', '2')).toEqual(['down', 'enter'])
    expect(names('find', '')).toEqual(['enter'])
    expect(names('code', CODE)).toEqual(['paste'])
    expect(names('confirm', 'HD-1')).toEqual(['ctrl-u', 'paste', 'enter'])
    expect(names('verify', '3')).toEqual(['text'])
    expect(names('verify', '/back')).toEqual(['escape'])
  })
})
