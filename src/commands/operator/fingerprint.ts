/**
 * Compares a fingerprint: two people read the six words of a message to each other. If the words are equal, the message
 * was not changed on its way.
 */
import type { GlobalOptions } from '../../console/globals.ts'
import { mayAsk } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { fingerprintWords } from '../../crypto/join.ts'
import { KeydeskError } from '../../errors.ts'

export type FingerprintOptions = GlobalOptions & { readonly fingerprint?: string }

/** Throws `rejected` if the words differ, and `usage` if there is no terminal to ask at. */
export async function compareFingerprint(
  context: Context,
  options: FingerprintOptions,
  text: string,
  who: string,
): Promise<void> {
  const words = fingerprintWords(text)
  if (options.fingerprint !== undefined) {
    if (
      options.fingerprint
        .trim()
        .toLowerCase()
        .split(/[\s-]+/)
        .join(' ') === words.join(' ')
    )
      return
    throw otherWords(who)
  }
  if (!mayAsk(context, options)) {
    const hint = 'hear them from each other, then add --fingerprint "…"'
    throw new KeydeskError('usage', 'fingerprint-missing', 'the six words of the fingerprint are missing', hint)
  }
  context.io.err(`Fingerprint: ${words.join(' ')}\n`)
  if (await context.prompt.confirm(`Does ${who} say just these six words?`)) return
  throw otherWords(who)
}

function otherWords(who: string): KeydeskError {
  const hint = 'somebody may have exchanged it on the way: have it sent anew, by another way'
  return new KeydeskError('rejected', 'other-fingerprint', `this is not what ${who} sent`, hint)
}
