/** The rules for a new password: each rule refuses alone and is named. A password that meets all rules is accepted. */
import { describe, expect, it } from 'vitest'
import { checkPassword } from '../../src/device/password-rules.ts'

const owner = { user: 'Zoë.Müller@example.ch', organisation: 'Röntgen AG' }

describe('a password is refused', () => {
  it.each([
    ['seven77', 'at least 8 characters'],
    ['éééé'.normalize('NFD'), 'at least 8 characters'],
    [`${'ä'.repeat(510)}abcde`, 'at most 1024 bytes'],
    ['aaaaaaaaaaaa', 'more than two different'],
    ['abababababab', 'more than two different'],
    ['12345678', 'a run'],
    ['hgfedcba', 'a run'],
    ['zoë.müller@example.ch', 'not the name'],
    ['ZOËMÜLLER', 'not the name'],
    ['röntgen-ag', 'not the name'],
    ['a line\nand another', 'control characters'],
    ['lone surrogate \ud800', 'control characters'],
  ])('%j: %s', (password, rule) => {
    expect(checkPassword(password, owner)).toContain(rule)
  })
})

describe('a password is accepted', () => {
  it.each(['password1', 'abcdefgi', 'ababababc', 'ñandú 🐦 ñu', `${'ä'.repeat(509)}abcde`, 'Röntgen AG 1'])(
    '%j',
    (password) => {
      expect(checkPassword(password, owner)).toBeNull()
    },
  )

  it('even if the owner has no name', () => {
    expect(checkPassword('passphrase', { user: '', organisation: '' })).toBeNull()
  })
})
