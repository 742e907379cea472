/** The keys of step 1: finding the device. Every key narrows the list, and Enter takes the marked device. */
import { parseTag, TAG_SYMBOLS } from '../../../crypto/tag.ts'
import type { Device } from '../../../desk/records/index.ts'
import type { Key } from '../../../term/keys.ts'
import { EMPTY_LINE, editLine } from '../../../term/line.ts'
import { type CallState, type Next, notify, unchanged, withEffect } from '../state.ts'
import { moveChoice, readCodeBeginning, startSearch } from './search.ts'

const PAGE = 10
const MOVES: Readonly<Partial<Record<Key['name'], number>>> = {
  ...{ up: -1, down: 1, tab: 1, 'page-up': -PAGE, 'page-down': PAGE },
}

export function pressInFind(state: CallState, key: Key): Next {
  const { line, search } = state
  const move = MOVES[key.name]
  if (move !== undefined) return unchanged({ ...state, search: moveChoice(search, move) })
  if (key.name === 'enter') return choose(state)
  if (key.name === 'escape')
    return line.text === '' ? withEffect(state, { do: 'leave', cancelled: false }) : typed(state, EMPTY_LINE)
  const edited = editLine(line, key)
  return edited === null ? unchanged(state) : typed(state, edited)
}

function typed(state: CallState, line: CallState['line']): Next {
  if (line.text === state.line.text) return unchanged({ ...state, line })
  const next = { ...state, line, notice: null, search: startSearch(line.text, [], false) }
  // A search for the previous text ends by itself: `takeFound` ignores an answer for another text.
  return state.devices === null ? unchanged(next) : withEffect(next, { do: 'search' })
}

function choose(state: CallState): Next {
  const { search, devices } = state
  const device = search.found[search.at]
  if (devices === null && state.busy === null) return withEffect({ ...state, notice: null }, { do: 'load' })
  if (devices === null) return unchanged(notify(state, 'note', 'the devices are still being read'))
  if (device !== undefined) return look(state, device)
  if (!search.isDone) return unchanged(state)
  return unchanged(
    notify(state, 'no', 'no device matches', 'ask for the name again, or for the first five symbols of the reset code'),
  )
}

/**
 * Keeps a reset code that was typed to find the device, so that it is not typed twice. The tag must match: a name such
 * as “phone of zoe” can consist of code symbols too.
 */
function look(state: CallState, device: Device): Next {
  const beginning = readCodeBeginning(state.line.text) ?? ''
  const text = beginning.length > TAG_SYMBOLS && isCodeOf(beginning, device) ? beginning : ''
  const next: CallState = { ...state, code: { text, cursor: text.length }, notice: null }
  return withEffect(next, { do: 'look', deviceId: device.deviceId })
}

const isCodeOf = (text: string, { tag }: Device): boolean =>
  parseTag((readCodeBeginning(text) ?? '').slice(0, TAG_SYMBOLS)) === tag

/** Takes the result of one slice of the search. */
export function takeFound(state: CallState, search: CallState['search']): Next {
  if (search.text !== state.search.text) return unchanged(state)
  // Keeps the mark: the operator may have moved it during the search.
  const merged = { ...search, at: state.search.at }
  const next: CallState = { ...state, busy: null, search: merged }
  if (!merged.isDone) return withEffect(next, { do: 'search' })
  const [only, ...others] = merged.found
  if (!merged.isGiven) return unchanged(next)
  const asked: CallState = { ...next, search: { ...merged, isGiven: false } }
  // Only an exact match is taken by itself. The operator chooses among close ones.
  if (only !== undefined && !merged.areClose && (others.length === 0 || isCodeOf(merged.text, only)))
    return look(asked, only)
  const none = only === undefined
  return unchanged(
    notify(
      asked,
      none ? 'no' : 'note',
      none
        ? 'no device matches'
        : merged.areClose
          ? 'nothing is called so: is it one of these?'
          : 'several devices match: choose one',
    ),
  )
}
