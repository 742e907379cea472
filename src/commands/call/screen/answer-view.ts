/** The screen of the confirmation code: the whole code large and spelt, or one group by itself. */
import { renderCode, renderSpelling } from '../../../term/code-screen.ts'
import { type SpellingLanguage, spellCode, splitGroups } from '../../../term/spelling.ts'
import { displayWidth } from '../../../term/width.ts'
import type { CallState } from '../state.ts'
import { INDENT, type Look, labelled, MARGIN, type View } from './view.ts'

export function viewAnswer({ confirmed, group, settings: { language } }: CallState, look: Look): View {
  const code = confirmed?.answer.confirmationCode ?? ''
  const groups = splitGroups(code)
  const shown = group === null ? null : (groups[group] as string)
  const words = spellCode(code, language)
  const body = look.plain
    ? tellGroups(groups, words, group)
    : shown === null
      ? drawAll(code, language, look)
      : drawGroup(shown, group as number, words[group as number] as string[], look)
  return {
    say:
      group === null
        ? '“Please type this code into the app. There are three groups of five.”'
        : `“The ${['first', 'second', 'third'][group]} group: ${words[group]?.join(', ')}.”`,
    todo: null,
    body,
    tight: drawTight(groups, words, group, look),
    keys: [
      ['Space', 'next group'],
      ['a', 'all'],
      ['Enter', 'how it ended'],
    ],
    question: '1, 2 or 3 for a group, a for all, Enter for how it ended:',
  }
}

/** The whole code large, with its words in columns. Words too long for columns go into lines of their own. */
function drawAll(code: string, language: SpellingLanguage, { brush, columns, rows }: Look): string[] {
  const large = renderCode(code, brush, { columns }).trimEnd().split('\n')
  const table = renderSpelling(code, language).trimEnd().split('\n')
  const fits = table.every((line) => displayWidth(line) <= columns)
  const words = spellCode(code, language)
  const spelt = fits ? table : words.flatMap((each, i) => labelled(`${i + 1}`, each.join(', '), columns))
  return [...large, ...(rows > 24 ? [''] : []), ...spelt]
}

/** The code in one line, with hyphens between its groups and its words below. `only` limits both to one group. */
function drawTight(
  groups: readonly string[],
  words: readonly string[][],
  only: number | null,
  { brush, columns }: Look,
): string[] {
  const line = `${MARGIN}${brush.bold(only === null ? groups.join('-') : Array.from(groups[only] as string).join(' '))}`
  const spelt = words.flatMap((each, i) =>
    only === null || only === i ? labelled(`${i + 1}`, each.join(', '), columns) : [],
  )
  return [line, ...spelt]
}

function drawGroup(group: string, index: number, words: readonly string[], { brush, columns }: Look): string[] {
  const [, , ...large] = renderCode(group, brush, { columns, firstGroup: index + 1 })
    .trimEnd()
    .split('\n')
  const rows = Array.from(group, (symbol, i) => `${MARGIN}${INDENT}${brush.bold(symbol)}  ${words[i]}`)
  // The last two lines repeat the code in ordinary size, so they are left out.
  return ['', ...large.slice(0, -2), '', ...rows]
}

function tellGroups(groups: readonly string[], words: readonly string[][], only: number | null): string[] {
  const lines = groups.map((group, i) => `group ${i + 1}: ${[...group].join(' ')}: ${words[i]?.join(', ')}`)
  return only === null ? lines : [lines[only] as string]
}
