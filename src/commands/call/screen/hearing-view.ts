/** The screens of steps 1, 2 and 4: finding the device, looking at it, and saying the desk words. */
import { formatTag } from '../../../crypto/tag.ts'
import type { Device } from '../../../desk/records/index.ts'
import { describePlace } from '../../../desk/reset/heard-code.ts'
import { escapeText } from '../../../term/escape.ts'
import { renderTable } from '../../../term/table.ts'
import { wrapText } from '../../../term/wrap.ts'
import type { Facts } from '../facts.ts'
import type { CallState } from '../state.ts'
import { describeFacts, findOddities, isClosed } from '../steps/glance.ts'
import { KEPT } from '../steps/search.ts'
import { fields, INDENT, type Look, labelled, MARGIN, typing, type View } from './view.ts'

const COLUMNS = [
  { title: '' },
  { title: 'tag', min: 5 },
  { title: 'name', min: 10 },
  { title: 'user', min: 10 },
  { title: 'model' },
  { title: 'state', min: 7 },
]
/** At most nine devices are listed in plain mode, because a single digit chooses one. */
const LISTED = 9
/** Lines of the screen around the list. */
const AROUND = 14

export function viewFind(state: CallState, look: Look): View {
  const { line } = state
  return {
    say: '“Helpdesk. What is your name, please?”',
    todo: 'type a part of the name, or the code that the caller reads',
    body: [typing('Find', line, look), '', ...listFound(state, look), '', `${MARGIN}${countFound(state)}`],
    tight: [typing('Find', line, look), ...markedLine(state), `${MARGIN}${countFound(state)}`],
    keys: [
      ['Enter', 'take it'],
      ['Up Down', 'move'],
      ['Esc', line.text === '' ? 'leave' : 'clear'],
      ['Ctrl-C', 'leave'],
    ],
    question: 'Name, user, model, tag or reset code; a number takes that one, Enter alone the first:',
  }
}

/** The list of devices. `>` marks the chosen device, and the visible part of the list always includes it. */
function listFound({ search: { found, at } }: CallState, look: Look): string[] {
  if (found.length === 0) return []
  if (look.plain) return found.slice(0, LISTED).map((device, i) => escapeText(`${i + 1}: ${cells(device).join(', ')}`))
  const room = Math.max(3, look.rows - AROUND)
  const from = Math.max(0, Math.min(at - room + 1, found.length - room))
  const rows = found.slice(from, from + room).map((device, i) => [from + i === at ? '>' : '', ...cells(device)])
  const lines = renderTable(COLUMNS, rows, look.columns - MARGIN.length)
    .trimEnd()
    .split('\n')
  return lines.map((line, i) => `${MARGIN}${i === at - from + 1 ? look.brush.bold(line) : line}`)
}

/** The device that Enter takes. */
function markedLine({ search: { found, at } }: CallState): string[] {
  const marked = found[at]
  return marked === undefined ? [] : [escapeText(`${MARGIN}> ${cells(marked).join(' ')}`)]
}

function cells({ tag, name, user, model, state, alarmAt }: Device): string[] {
  return [formatTag(tag), name, user, model ?? '', alarmAt === null ? state : `${state}, ALARM`]
}

function countFound({ search, devices, busy }: CallState): string {
  if (devices === null)
    return busy === null ? 'the devices could not be read: Enter tries again' : 'reading the devices …'
  const { found, isDone, areClose } = search
  if (areClose) return `nothing is called so; ${found.length} of ${devices.length} devices come close`
  if (isDone && devices.length === 0) return 'no devices yet: keydesk device invite --user NAME'
  const count = found.length >= KEPT ? `${KEPT} and more` : String(found.length)
  return `${count} of ${devices.length} devices${isDone ? '' : ', still looking …'}`
}

export function viewGlance(facts: Facts, look: Look): View {
  const odd = findOddities(facts)
  const { bad, good } = look.brush
  const lines = odd.flatMap((each) => labelled('LOOK', each, look.columns).map((line) => bad(line)))
  const closed = isClosed(facts.device)
  return {
    say: closed
      ? '“I am sorry, I cannot reset this device. An administrator must look at it first.”'
      : '“Thank you. Please open the app, choose Forgot password, and leave the code on the screen.”',
    todo: null,
    body: [
      ...fields(describeFacts(facts), look),
      '',
      ...(odd.length > 0 ? lines : [good(`${MARGIN}OK    nothing odd about it`)]),
    ],
    tight: [
      ...(odd.length > 0 ? lines : [good(`${MARGIN}OK    nothing odd about it`)]),
      ...fields(describeFacts(facts).slice(0, 2), look),
    ],
    keys: [
      ['Enter', closed ? 'how it ended' : 'the reset code'],
      ['Esc', 'another device'],
      ['Ctrl-E', 'end the call'],
    ],
    question: closed ? 'Enter goes on to how it ended:' : 'Enter goes on to the reset code:',
  }
}

export function viewWords({ checked, heard }: CallState, look: Look): View {
  const [first, second] = checked?.deskWords ?? ['', '']
  const corrections = heard?.corrections ?? []
  const readBack = corrections.length === 0 ? [] : [`${heard?.code}  (${corrections.map(describePlace).join('; ')})`]
  const isRepeat = checked?.standing === 'repeat'
  const lines = [
    ...readBack.flatMap((each) =>
      labelled('READ', `back to the caller: ${each}`, look.columns).map((line) => look.brush.warn(line)),
    ),
    ...(readBack.length > 0 ? labelled('', 'the app must show just that', look.columns) : []),
    ...labelled(
      'OK',
      `the code is genuine, epoch ${checked?.epoch}${isRepeat ? ', and was confirmed before' : ''}`,
      look.columns,
    ).map((line) => look.brush.good(line)),
  ]
  return {
    say: `“So that you know that I am the helpdesk: your app shows two words beside the code. They are: ${first} ${second}.”`,
    todo: null,
    tight: [`${MARGIN}${INDENT}${look.brush.bold(`${first}   ${second}`)}`, ...lines],
    body: [
      '',
      `${MARGIN}${INDENT}${look.brush.bold(`${first}   ${second}`)}`,
      '',
      ...lines,
      '',
      ...wrapText(DIFFER, look.columns - 8).map((line) => `${MARGIN}${INDENT}${line}`),
    ],
    keys: [
      ['Enter', 'they see the words'],
      ['Esc', 'the code again'],
      ['Ctrl-E', 'end the call'],
    ],
    question: 'Enter when the caller sees the same words:',
  }
}

const DIFFER = 'If they see other words, they do not look at this device: go on with nothing, and end the call.'
