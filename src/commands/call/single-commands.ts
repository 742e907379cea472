/**
 * Writes the steps of a call as the single commands that do the same.
 * - A reset code may stand on a command line, because the caller read it aloud.
 * - The code of an app and a PIN are replaced by the words CODE and PIN.
 * - No command contains a confirmation code.
 */

import { formatTag } from '../../crypto/tag.ts'
import { quoteWord } from '../../errors.ts'
import { escapeText } from '../../term/escape.ts'
import type { Effect } from './effect.ts'
import type { RanCommand } from './facts.ts'
import type { CallState } from './state.ts'

/** Null for an effect that has no single command. */
export function commandOf(effect: Effect, { facts }: CallState): string[] | null {
  const tag = facts === null ? 'DEVICE' : formatTag(facts.device.tag)
  if (effect.do === 'check') return ['keydesk', 'reset', 'check', effect.heard.code, '--device', tag]
  if (effect.do === 'totp') return ['keydesk', 'totp', 'verify', effect.user, 'CODE']
  if (effect.do === 'pin') return ['keydesk', 'pin', 'redeem', effect.user, 'PIN', '--device', tag]
  if (effect.do === 'outcome')
    return ['keydesk', 'reset', 'outcome', tag, `--${effect.result}`, ...optional('--ticket', effect.ticket)]
  if (effect.do !== 'confirm') return null
  const { heard, verifiedBy, ticket, reason } = effect.request
  const options = [
    ...optional('--verified-by', verifiedBy),
    ...optional('--ticket', ticket),
    ...optional('--reason', reason),
  ]
  return ['keydesk', 'reset', 'confirm', heard.code, '--device', tag, ...options]
}

const optional = (flag: string, value: string | null): string[] => (value === null ? [] : [flag, value])

/** A line to paste into a shell. A refused command ends with its reason, as a shell comment. */
export function writeCommand({ words, refused }: RanCommand): string {
  const line = words.map((word) => quoteWord(escapeText(word))).join(' ')
  return refused === null ? line : `${line}   # no: ${refused}`
}
