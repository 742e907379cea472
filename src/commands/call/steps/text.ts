/**
 * Checks text as on the command line, but returns a refusal as a value: the screen shows it and the operator types
 * again.
 */
import { KeydeskError, type Refusal } from '../../../errors.ts'

export function tryText(check: () => string): { readonly text: string } | { readonly refusal: Refusal } {
  try {
    return { text: check() }
  } catch (error) {
    if (error instanceof KeydeskError) return { refusal: error.refusal }
    throw error
  }
}
