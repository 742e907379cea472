/** A reset code as it was heard over the telephone, and its corrections. */
import { type Correction, placeOf, type ResetCode } from '../../crypto/spoken.ts'

export type HeardCode = {
  readonly code: ResetCode
  readonly corrections: readonly Correction[]
  /** `agreed`: the operator has read the corrected code back, and the caller agreed. */
  readonly corrected: 'nothing' | 'unreadable' | 'proposed' | 'agreed'
}

/** "group 2, symbol 3: D, not B". */
export function describePlace({ at, heard, shouldBe }: Correction): string {
  const { group, symbol } = placeOf(at)
  return `group ${group}, symbol ${symbol}: ${shouldBe}, not ${heard}`
}
