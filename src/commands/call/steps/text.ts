/** Text that is checked as it is on the command line; a refusal is a value here, since it is shown and typed again. */
import { KeydeskError, type Refusal } from '../../../errors.ts'

export function tryText(check: () => string): { readonly text: string } | { readonly refusal: Refusal } {
  try {
    return { text: check() }
  } catch (error) {
    if (error instanceof KeydeskError) return { refusal: error.refusal }
    throw error
  }
}
