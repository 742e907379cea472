/** The kinds of mail, and the languages in which each has a wording. */
export const MAIL_LANGUAGES = ['en', 'de'] as const
export type MailLanguage = (typeof MAIL_LANGUAGES)[number]
export const MAIL_KINDS = ['confirm', 'invite', 'pin-device', 'pin-desk'] as const
export type MailKind = (typeof MAIL_KINDS)[number]
/** Names one wording: `confirm.de`. */
export type WordingKey = `${MailKind}.${MailLanguage}`

export const wordingKey = (kind: MailKind, language: MailLanguage): WordingKey => `${kind}.${language}`
