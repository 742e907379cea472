/**
 * Guards a terminal of 40×10, which is far too small, and text that is pasted into it: the subject of the step and the
 * key that continues stay visible.
 */
import { describe, expect, it } from 'vitest'
import { begin, CODE, draw, type Play, picture, press, WORLD } from './fixtures.ts'

const ENTER = '\r'
const verify = `${ENTER}${ENTER}`
const confirm = `${verify}3HD-47`
const answer = `${confirm}${ENTER}`
const wrong = `${CODE.slice(0, 8)}${CODE[8] === 'X' ? 'Y' : 'X'}${CODE.slice(9)}`
const STEPS: Readonly<Record<string, readonly [() => Play, ...seen: (string | RegExp)[]]>> = {
  finding: [() => press(begin(), 'zo'), 'Find: zo', '> R9A15', 'Enter take it'],
  'at a glance': [() => press(begin(), `phone${ENTER}`), 'nothing odd', 'Enter the reset code'],
  'the code': [() => press(begin(WORLD, 'phone'), `${ENTER}R9A1`), 'R9A1▯ _____ _____', '4 of 15', 'Ctrl-E'],
  'a misheard code': [
    () => press(begin(WORLD, 'phone'), `${ENTER}${wrong}`),
    'R9A15 00▯1H EG2RJ',
    'group 2, third symbol',
    'Enter asks',
  ],
  'the words': [() => press(begin(WORLD, CODE), ENTER), 'believe   hero', 'genuine', 'Enter they see'],
  'who is calling': [() => press(begin(WORLD, CODE), verify), '1 a code', '6 go on without', '1 … 6 that way'],
  'their app': [() => press(begin(WORLD, CODE), `${verify}1123`), 'Code of the app: 123▯', 'Enter go on'],
  confirming: [() => press(begin(WORLD, CODE), confirm), 'Ticket: HD-47▯', 'callback', 'Enter CONFIRM'],
  'the confirmation code': [
    () => press(begin(WORLD, CODE), answer),
    'GMH9D-W2W1K-3A20R',
    'Golf, Mike, Hotel, nine, Delta',
    'Space next group',
    'Enter how it ended',
  ],
  'a group of it': [() => press(begin(WORLD, CODE), `${answer} `), 'G M H 9 D', 'Golf, Mike', 'Enter how it ended'],
  'how it ended': [() => press(begin(WORLD, CODE), `${answer}${ENTER}`), /1 opened.*\n 2 aborted.*\n 3 will/, '1 2 3'],
  done: [() => press(begin(WORLD, CODE), `${answer}${ENTER}1`), 'on record: the app is open', 'n next call'],
}

describe('a terminal of 40×10', () => {
  it.each(Object.entries(STEPS))('shows the subject of the step and its next key: %s', (_, [play, ...seen]) => {
    const shown = picture(play(), 40, 10)
    for (const each of seen) expect(shown).toMatch(each)
    const { lines, cursor } = draw(play(), 40, 10)
    expect([lines.length, Math.max(...lines.map((line) => line.length))]).toEqual([10, expect.any(Number)])
    expect(Math.max(...lines.map((line) => line.length), cursor?.column ?? 0)).toBeLessThanOrEqual(40)
  })

  it('shows the whole screen again once there is room', () => {
    const play = press(begin(WORLD, CODE), answer)
    draw(play, 40, 10)
    expect(picture(play)).toContain('─────')
  })
})

describe('pasted text of 10 kB', () => {
  const COMMITS = ['confirm', 'outcome', 'totp', 'pin', 'leave']
  it.each(
    Object.entries(STEPS).flatMap(([name, [play]]) =>
      ['1', 'q', 'o\r', '1q\r\n'].map((text) => [name, text, play] as const),
    ),
  )('presses no key: %s, %j', (_, text, play) => {
    const before = play()
    const pasted = press(before, `\u001b[200~${text.repeat(10_000 / text.length)}\u001b[201~`)
    const one = press(before, `\u001b[200~${text}\u001b[201~`)
    for (const after of [pasted, one]) {
      const asked = after.asked.slice(before.asked.length).map((effect) => effect.do)
      expect(asked.filter((effect) => COMMITS.includes(effect))).toEqual([])
      expect(after.state.step).toBe(before.state.step)
      expect(draw(after, 40, 10).lines).toHaveLength(10)
    }
  })
})
