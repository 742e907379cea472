/**
 * The keys of steps 2 to 4: the device at a glance, the reset code, and the desk words. The desk words are said before
 * the caller proves anything (§3).
 */
import { parseTag } from '../../../crypto/tag.ts'
import type { Key } from '../../../term/keys.ts'
import type { Facts } from '../facts.ts'
import { type CallState, type Next, notify, toStep, unchanged, withEffect } from '../state.ts'
import { editCode, judgeEntry, namePlace, tagSymbols } from './code-entry.ts'
import { isClosed } from './glance.ts'

export function pressInGlance(state: CallState, { name }: Key): Next {
  const { facts } = state
  if (name !== 'enter' || facts === null) return unchanged(state)
  // The desk refuses every code of this device, so only the outcome of the call is left.
  return isClosed(facts.device) ? unchanged(toStep(state, 'outcome')) : hear(toStep(state, 'code'))
}

export function pressInCode(state: CallState, key: Key): Next {
  if (key.name === 'enter') return insist(state)
  const typed = editCode(state.code, key)
  if (typed === null) return unchanged(state)
  const { entry, bad } = typed
  const changed = entry.text !== state.code.text
  const next: CallState = { ...state, code: entry, ...(changed && { checked: null, heard: null, notice: null }) }
  if (bad !== null)
    return unchanged(
      notify(
        next,
        'no',
        `${bad} is in no code`,
        'ask for that symbol again; codes have no U, and I, L and O are typed as they sound',
      ),
    )
  return changed ? hear(next) : unchanged(next)
}

/**
 * Asks the desk as soon as the code is whole. As soon as the first group is whole, compares it with the tag of the
 * device.
 */
function hear(state: CallState): Next {
  const { code, facts } = state
  const judged = judgeEntry(code)
  if (judged.kind === 'whole') return check(state, judged.heard)
  if (judged.kind === 'partial') {
    const other = facts !== null && isOther(code.text, facts)
    return unchanged(
      other
        ? notify(
            state,
            'note',
            'group 1 is not of this device',
            'ask for the first group again; if it is the same, the code is of another device: Esc, Esc',
          )
        : state,
    )
  }
  const moved = { ...state, code: { ...code, cursor: judged.at ?? code.text.length } }
  if (judged.kind === 'wrong')
    return unchanged(
      notify(moved, 'no', judged.message, 'ask for the whole code again, one group at a time: Ctrl-U begins anew'),
    )
  const message = `${namePlace(judged.at)}: we have ${judged.have}, ask again`
  return unchanged(
    notify(moved, 'no', message, 'type what the caller says now; if it is the same again, Enter asks the desk'),
  )
}

/** True if the first group is whole and is not the tag of this device. */
function isOther(text: string, { device }: Facts): boolean {
  const tag = tagSymbols(text)
  return tag !== null && parseTag(tag) !== device.tag
}

/** The caller repeated the same symbols. The desk checks whether the code with one corrected symbol is genuine. */
function insist(state: CallState): Next {
  const judged = judgeEntry(state.code)
  if (judged.kind === 'partial')
    return unchanged(
      notify(state, 'note', `${judged.left} symbols are missing`, 'type ? for one that you cannot understand'),
    )
  return judged.kind === 'wrong' ? hear(state) : check(state, judged.heard)
}

function check(state: CallState, heard: NonNullable<CallState['heard']>): Next {
  const device = state.facts?.device.deviceId ?? ''
  return withEffect({ ...state, heard, checked: null, notice: null }, { do: 'check', heard, device })
}

export function pressInWords(state: CallState, { name }: Key): Next {
  return unchanged(name === 'enter' && state.checked !== null ? toStep(state, 'verify') : state)
}
