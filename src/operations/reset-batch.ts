/**
 * Confirms many codes, up to 500 in one commit. Each gets the same decision as a single code, and its own audit entry.
 * If one code fails, even because its record is damaged, the failure is the answer for that code. It affects no other.
 */
import { readResetCode } from '../crypto/codes.ts'
import { formatTag } from '../crypto/tag.ts'
import { type Decision, refuse } from '../desk/decision.ts'
import type { ConfirmAnswer } from '../desk/reset/decide.ts'
import { KeydeskError, type Refusal } from '../errors.ts'
import { isFields } from '../guards.ts'
import type { Decide, Settled } from '../store/desk.ts'
import type { Operation } from './operation.ts'
import { type ConfirmByName, confirming, isConfirm } from './reset.ts'

/** Codes in one commit. Other operators then wait no longer than some hundredths of a second for it. */
const IN_A_COMMIT = 500
/** Codes in one request. Its commits share the pages that SQLite has read, and the answer still fits in one message. */
export const MOST_IN_A_REQUEST = 3 * IN_A_COMMIT

export type BatchRequest = { readonly requests: readonly ConfirmByName[] }
/** The part of a confirmation that is shown, without the rest of the device. */
export type ConfirmedLine = Omit<ConfirmAnswer, 'device'> & Pick<ConfirmAnswer['device'], 'deviceId' | 'tag' | 'user'>
export type BatchResult = { readonly seq: number } & (
  | { readonly confirmed: ConfirmedLine }
  | { readonly refusal: Refusal }
)

/** Results are in the order of the requests. No request names a device: finding one by name reads all devices. */
export const confirmBatch: Operation<BatchRequest, readonly BatchResult[]> = {
  accepts: isBatch,
  async perform(desk, { requests }) {
    const results: BatchResult[] = []
    for (let at = 0; at < requests.length; at += IN_A_COMMIT) {
      const batch = requests.slice(at, at + IN_A_COMMIT)
      const settled = await desk.commitEach(
        batch.map((request) => sparing(confirming(desk.me, null, request), request)),
      )
      results.push(...settled.map(toResult))
    }
    return results
  },
}

/** A decision that throws has written nothing. It becomes a refusal, and the batch goes on. */
function sparing(decide: Decide<ConfirmAnswer>, { heard }: ConfirmByName): Decide<ConfirmAnswer> {
  return async (records, now): Promise<Decision<ConfirmAnswer>> => {
    try {
      return await decide(records, now)
    } catch (error) {
      if (!(error instanceof KeydeskError)) throw error
      const details = { tag: formatTag(readResetCode(heard.code).tag) }
      return refuse({ action: 'reset.confirm', subject: null, details }, error.refusal)
    }
  }
}

function toResult({ decision, seq }: Settled<ConfirmAnswer>): BatchResult {
  return 'refusal' in decision ? { seq, refusal: decision.refusal } : { seq, confirmed: toLine(decision.answer) }
}

function toLine({ device: { deviceId, tag, user }, ...answer }: ConfirmAnswer): ConfirmedLine {
  return { ...answer, deviceId, tag, user }
}

function isBatch(request: unknown): request is BatchRequest {
  if (!isFields(request) || !Array.isArray(request['requests'])) return false
  const { requests } = request
  const isOne = (each: unknown) => isConfirm(each) && each.device === null
  return requests.length > 0 && requests.length <= MOST_IN_A_REQUEST && requests.every(isOne)
}
