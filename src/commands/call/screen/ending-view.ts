/** The screens of steps 5 to 7: verifying the caller, confirming, and recording the outcome. */
import { CALL_OUTCOMES, type CallOutcome } from '../../../desk/reset/outcome.ts'
import { wrapText } from '../../../term/wrap.ts'
import type { Facts } from '../facts.ts'
import { writeCommand } from '../single-commands.ts'
import type { CallState } from '../state.ts'
import { listChoices } from '../steps/methods.ts'
import { fields, INDENT, type Look, labelled, MARGIN, typing, type View } from './view.ts'

const BACK = [
  ['Esc', 'back'],
  ['Ctrl-E', 'end the call'],
] as const

export function viewVerify(facts: Facts, look: Look): View {
  const { callerVerification } = facts.policy
  const demanded =
    callerVerification === 'required'
      ? 'policy demands one of these'
      : callerVerification === 'warn'
        ? 'policy asks for one of these'
        : 'policy asks for none'
  const choices = listChoices(facts)
  return {
    say: '“Before I give you the code, I must make sure that it is you.”',
    todo: `choose how you make sure: ${demanded}`,
    body: choices.flatMap(({ label, note, method }, i) => [
      `${MARGIN}${INDENT}${look.brush.bold(String(i + 1))}  ${method === 'none' ? look.brush.warn(label) : label}`,
      ...wrapText(note, look.columns - 12).map((line) => `${MARGIN}${INDENT}   ${line}`),
    ]),
    tight: choices.map(({ label }, i) => `${MARGIN}${look.brush.bold(String(i + 1))} ${label}`),
    keys: [[`1 … ${choices.length}`, 'that way'], ...BACK],
    question: `1 to ${choices.length}:`,
  }
}

const PROOFS = {
  totp: [
    '“Please read me the six digits that your authenticator app shows for us.”',
    'Code of the app',
    'it is checked at once; Enter alone where one of the last ten minutes was right',
  ],
  pin: [
    '“Please read me the ten digits of the PIN that we mailed to you.”',
    'PIN',
    'it is checked at once, and is used by that; Enter alone where it was redeemed minutes ago',
  ],
  reason: [null, 'Why', 'the reason stands in the record, beside your name'],
} as const

export function viewProof(state: CallState, step: 'totp' | 'pin' | 'reason', look: Look): View {
  const [sentence, label, todo] = PROOFS[step]
  return {
    say: sentence,
    todo,
    body: ['', typing(label, state.line, look)],
    tight: [typing(label, state.line, look)],
    keys: [['Enter', 'go on'], ...BACK],
    question: `${label}:`,
  }
}

export function viewConfirm(state: CallState, look: Look): View {
  const { verifiedBy, isLookedUp, heard, line, reason } = state
  const proof = isLookedUp
    ? `not verified yet: the desk looks for a ${verifiedBy} of the last ten minutes`
    : `verified by ${verifiedBy}`
  const verified = verifiedBy === null ? 'NOT VERIFIED' : proof
  const rows: [string, string][] = [
    ['Reset code', `${heard?.code ?? ''}, genuine`],
    ['Caller', reason === null ? verified : `${verified}: ${reason}`],
    ...ticketForm(state),
  ]
  return {
    say: null,
    todo: 'Enter makes the confirmation code. It goes on record with the ticket',
    body: ['', ...fields(rows, look), '', typing('Ticket, if there is one', line, look)],
    tight: [typing('Ticket', line, look), ...fields(rows.slice(1), look)],
    keys: [['Enter', 'CONFIRM'], ...BACK],
    question: `Ticket${line.text === '' ? '' : ` (now ${line.text})`}, if there is one; then Enter CONFIRMS:`,
  }
}

const MEANINGS: Readonly<Record<CallOutcome, string>> = {
  opened: 'opened: the app is open, with a new password',
  aborted: 'aborted: the caller gave up, or was not to be helped',
  'will-call-back': 'will call back: it is not done yet',
}

export function viewOutcome(state: CallState, look: Look): View {
  const isOut = state.confirmed !== null
  return {
    say: isOut
      ? '“Does the app ask you for a new password now? Please choose one, and tell me when it is open.”'
      : null,
    todo: isOut ? 'say how it ended' : 'no code was given: say how it ended',
    body: CALL_OUTCOMES.map((each, i) => `${MARGIN}${INDENT}${look.brush.bold(String(i + 1))}  ${MEANINGS[each]}`),
    tight: CALL_OUTCOMES.map((each, i) => `${MARGIN}${look.brush.bold(String(i + 1))} ${MEANINGS[each]}`),
    keys: [
      ['1 2 3', 'that'],
      ['Esc', 'back'],
    ],
    question: '1 to 3:',
  }
}

export function viewTicket(state: CallState, look: Look): View {
  return {
    say: null,
    todo: 'type the ticket, or Enter for none',
    body: ['', ...fields(ticketForm(state), look), typing('Ticket', state.line, look)],
    tight: [typing('Ticket', state.line, look), ...fields(ticketForm(state), look)],
    keys: [
      ['Enter', 'put it on record'],
      ['Esc', 'back'],
    ],
    question: 'Ticket, Enter for none:',
  }
}

/** The ticket pattern as a field. Empty when no pattern is set. */
function ticketForm({ settings: { ticketPattern } }: CallState): [string, string][] {
  return ticketPattern === null ? [] : [['Tickets', `look like ${ticketPattern}`]]
}

export function viewDone({ ran }: CallState, look: Look): View {
  const commands = ran.flatMap((each) =>
    wrapText(writeCommand(each), look.columns - 10).map((line, i) => `${MARGIN}  ${i === 0 ? '$' : ' '} ${line}`),
  )
  return {
    say: '“Goodbye.”',
    todo: null,
    body: [
      ...labelled('SAME', 'by single commands, which also stand on the normal screen:', look.columns),
      '',
      ...commands,
    ],
    tight: commands,
    keys: [
      ['n', 'next call'],
      ['q', 'leave'],
    ],
    question: 'n for the next call, q to leave:',
  }
}
