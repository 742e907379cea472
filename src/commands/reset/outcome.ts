/** `keydesk reset outcome`: records the outcome of a call and its ticket in the audit log. */
import type { DeskGlobals } from '../../console/globals.ts'
import { checkTicket } from '../../console/preferred.ts'
import type { Context } from '../../context.ts'
import {
  CALL_OUTCOMES,
  type CallOutcome,
  decideOutcome,
  type OutcomeAnswer,
  type OutcomeRequest,
} from '../../desk/reset/outcome.ts'
import { KeydeskError } from '../../errors.ts'
import { resolveDevice } from '../../operations/device-name.ts'
import { withDesk } from '../../session/open.ts'
import type { Committed, Desk } from '../../store/desk.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'

export type OutcomeOptions = DeskGlobals & {
  readonly opened?: true
  readonly aborted?: true
  readonly willCallBack?: true
  readonly ticket?: string
}

/** The outcome as a part of a sentence. */
export const OUTCOME_WORDS: Readonly<Record<CallOutcome, string>> = {
  opened: 'the app is open',
  aborted: 'aborted',
  'will-call-back': 'the caller will call back',
}

export async function markOutcome(context: Context, options: OutcomeOptions, name: string): Promise<void> {
  const result = readResult(options)
  const ticket = options.ticket === undefined ? null : checkTicket(context, options.ticket)
  const { answer, seq } = await withDesk(context, options, (desk) => recordOutcome(desk, name, { result, ticket }))
  const { deviceId, tag, user, name: called } = answer.device
  await printAnswer(context.io, options, {
    json: { deviceId, tag, user, result, ticket, auditSeq: seq },
    screen: () => `On record for ${escapeText(`${called} of ${user}`)}: ${OUTCOME_WORDS[result]}, entry ${seq}.\n`,
  })
}

/** The commit of `reset outcome`. `keydesk call` uses it too. */
export async function recordOutcome(
  desk: Desk,
  name: string,
  request: OutcomeRequest,
): Promise<Committed<OutcomeAnswer>> {
  return desk.commit(async (records) =>
    decideOutcome(await resolveDevice(records, name), request, { operator: desk.me }),
  )
}

/** Throws `usage` unless exactly one of the flags was given. */
function readResult({ opened, aborted, willCallBack }: OutcomeOptions): CallOutcome {
  const said = [opened, aborted, willCallBack]
  const [result, ...others] = CALL_OUTCOMES.filter((_, i) => said[i] === true)
  if (result !== undefined && others.length === 0) return result
  const flags = CALL_OUTCOMES.map((each) => `--${each}`)
  if (result === undefined)
    throw new KeydeskError(
      'usage',
      'outcome-missing',
      'how the call ended is missing',
      `say one of ${flags.join(', ')}`,
    )
  const given = flags.filter((_, i) => said[i] === true)
  throw new KeydeskError('usage', 'options-exclude', `${given.join(' and ')} exclude each other`)
}
