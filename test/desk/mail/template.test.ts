/**
 * The checks of a wording before it is set.
 * - No placeholder is missing, and none is unknown.
 * - The placeholder that the mail is about, such as the confirmation code, is not in the subject line.
 */
import { describe, expect, it } from 'vitest'
import { asHexId } from '../../../src/crypto/bytes.ts'
import { decideSetWording } from '../../../src/desk/mail/change.ts'
import {
  chooseWording,
  fillWording,
  findWordingFault,
  PLACEHOLDERS,
  readWording,
} from '../../../src/desk/mail/template.ts'
import { STANDARD_WORDINGS } from '../../../src/desk/mail/wordings.ts'
import type { Role } from '../../../src/desk/records/index.ts'
import { MAIL_KINDS, MAIL_LANGUAGES } from '../../../src/desk/records/mail-kinds.ts'
import { applyPolicy, DEFAULT_POLICY, POLICY_KEYS } from '../../../src/desk/records/policy.ts'

const GOOD = 'Subject: Hello {{user}}\n\nYour code: {{confirmationCode}}\n'

describe('our own wordings', () => {
  const all = MAIL_KINDS.flatMap((kind) => MAIL_LANGUAGES.map((language) => [kind, language] as const))
  it.each(all)('%s.%s pass the check and have their main placeholder in a paragraph of its own', (kind, language) => {
    const text = STANDARD_WORDINGS[`${kind}.${language}`]
    expect(findWordingFault(kind, text)).toBeNull()
    expect(readWording(text)?.body.split(/\n{2,}/)).toContain(`{{${PLACEHOLDERS[kind].subject}}}`)
  })
})

describe('a wording', () => {
  it.each([
    ['without a subject', 'Hello {{confirmationCode}}', /Subject/],
    ['without a text', 'Subject: a\n\n', /Subject/],
    ['with an empty subject', 'Subject:  \n\n{{confirmationCode}}', /Subject/],
    ['without what it is about', 'Subject: a\n\nHello {{user}}', /\{\{confirmationCode\}\} is missing/],
    ['with it in the subject', 'Subject: {{confirmationCode}}\n\n{{confirmationCode}}', /stands in the subject/],
    ['with an unknown placeholder', `${GOOD}{{password}}`, /no placeholder \{\{password\}\}/],
    ['with a placeholder of another kind', `${GOOD}{{pin}}`, /no placeholder \{\{pin\}\}/],
    ['with the enrolment code', `${GOOD}{{enrolmentCode}}`, /no placeholder \{\{enrolmentCode\}\}/],
    ['with spaces in one', `${GOOD}{{ user }}`, /no placeholder/],
    ['with one that is not closed', `${GOOD}{{user`, /alone/],
    ['with one that is not opened', `${GOOD}user}}`, /alone/],
    ['of a name that objects have', `${GOOD}{{constructor}}`, /no placeholder \{\{constructor\}\}/],
    ['that is too long', GOOD + 'x'.repeat(8_000), /longer than 8000/],
  ])('%s is refused', (_, text, fault) => {
    expect(findWordingFault('confirm', text)).toMatch(fault)
  })

  it('is filled once: a placeholder inside a value stays as it is', () => {
    const fill = { text: (text: string) => text.toUpperCase(), value: (name: string) => `<${name} {{user}}>` }
    expect(fillWording('a {{user}}{{device}} b', fill)).toBe('A <user {{user}}><device {{user}}> B')
  })

  it('may have the line ends of any system', () => {
    expect(readWording('Subject: a \r\n\r\nb\r\nc\r\n')).toEqual({ subject: 'a', body: 'b\nc' })
  })
})

describe('changing a wording', () => {
  const by = (role: Role) => ({
    now: 0,
    operator: { operatorId: asHexId('ab'), name: 'x', role, boxKey: asHexId(''), signKey: asHexId(''), addedAt: 0 },
  })
  const request = { kind: 'confirm', language: 'de', text: GOOD } as const

  it('sets a value of the policy, and an empty value brings our own wording back', () => {
    const decision = decideSetWording(DEFAULT_POLICY, request, by('admin'))
    expect(decision.changes).toEqual([{ put: 'policy', key: 'mail.confirm.de', value: GOOD }])
    const policy = applyPolicy(DEFAULT_POLICY, 'mail.confirm.de', GOOD)
    expect(chooseWording(policy, 'confirm', 'de')).toBe(GOOD)
    expect(chooseWording(policy, 'confirm', 'en')).toBe(STANDARD_WORDINGS['confirm.en'])
    expect(decideSetWording(policy, request, by('admin')).changes).toEqual([])
    const again = decideSetWording(policy, { ...request, text: null }, by('admin'))
    expect(again.changes).toEqual([{ put: 'policy', key: 'mail.confirm.de', value: '' }])
    expect(applyPolicy(policy, 'mail.confirm.de', '')).toEqual(DEFAULT_POLICY)
  })

  it.each(['helpdesk', 'auditor'] as const)('is refused to the role %s', (role) => {
    const decision = decideSetWording(DEFAULT_POLICY, request, by(role))
    expect([decision.entry.outcome, decision.changes]).toEqual(['needs-admin', []])
  })

  it('writes only the length of the text to the audit log, and refuses a bad text', () => {
    const refused = decideSetWording(DEFAULT_POLICY, { ...request, text: 'nothing' }, by('admin'))
    expect([refused.entry.outcome, refused.changes]).toEqual(['bad-template', []])
    expect(decideSetWording(DEFAULT_POLICY, request, by('admin')).entry.details).toEqual({
      kind: 'confirm',
      language: 'de',
      characters: GOOD.length,
    })
  })

  it('is not possible with policy set', () => {
    expect(POLICY_KEYS.filter(({ key }) => key.startsWith('mail.'))).toEqual([])
  })
})
