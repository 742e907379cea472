/**
 * Explains a code that fails before any key is used: what is wrong and where, never the right symbol. A device corrects
 * nothing, because it cannot prove a correction.
 */
import { type ParsedSpoken, placeOf, type SpokenKind } from '../crypto/spoken.ts'
import type { Refusal } from '../errors.ts'

const NAMES: Record<SpokenKind, string> = {
  reset: 'a reset code',
  confirm: 'a confirmation code',
  enrol: 'an enrolment code',
}

export function mistypedCode(parsed: ParsedSpoken<SpokenKind> & { ok: false }, wanted: SpokenKind): Refusal {
  return {
    kind: 'mistyped',
    reason: parsed.why,
    message: describeMistake(parsed, wanted),
    hint: adviseOn(parsed, wanted),
  }
}

function describeMistake(parsed: ParsedSpoken<SpokenKind> & { ok: false }, wanted: SpokenKind): string {
  if (parsed.why === 'character') return `no code holds what stands at ${describePlace(parsed.at)}`
  if (parsed.why === 'length')
    return `${NAMES[wanted]} has 15 symbols, three groups of five; these are ${parsed.length}`
  if (parsed.why === 'kind') return `this is ${NAMES[parsed.kind]}, where ${NAMES[wanted]} is wanted`
  if (parsed.unreadable.length > 0)
    return `a symbol is missing at ${parsed.unreadable.map(describePlace).join(' and ')}`
  const at = parsed.proposal?.corrections[0]?.at
  return `${NAMES[wanted]} was mistyped${at === undefined ? '' : `, most likely at ${describePlace(at)}`}`
}

function adviseOn(parsed: ParsedSpoken<SpokenKind> & { ok: false }, wanted: SpokenKind): string {
  if (parsed.why === 'kind' && wanted === 'confirm') {
    return 'read the reset code to the helpdesk; what they answer is the confirmation code'
  }
  return 'have it read to you again, one group at a time; this try was not counted'
}

function describePlace(at: number): string {
  const { group, symbol } = placeOf(at)
  return `group ${group}, symbol ${symbol}`
}
