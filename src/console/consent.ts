/**
 * Asks for consent before a command that cannot be undone. --yes answers for scripts. Without --yes and without a
 * terminal it throws `usage`.
 */
import type { Context } from '../context.ts'
import { KeydeskError } from '../errors.ts'
import type { GlobalOptions } from './globals.ts'
import { mayAsk } from './input.ts'

type Consent = GlobalOptions & { readonly yes?: boolean }

export async function confirmOr(context: Context, options: Consent, question: string): Promise<void> {
  if (options.yes) return
  if (!mayAsk(context, options))
    throw new KeydeskError('usage', 'consent-missing', 'this cannot be undone', 'add --yes')
  if (await context.prompt.confirm(question)) return
  throw new KeydeskError('cancelled', 'cancelled', 'nothing was changed')
}
