/**
 * Finds the column of a foreign file for each of our fields.
 * - A column that `--map FIELD=COLUMN` names is used first.
 * - The others are guessed from the column names that device management products use, ignoring case, spaces and
 *   accents.
 * - The choice is shown before anything else happens.
 */
import type { DeskGlobals } from '../console/globals.ts'
import { tell } from '../console/input.ts'
import type { Context } from '../context.ts'
import { foldText } from '../desk/device/search.ts'
import { KeydeskError } from '../errors.ts'
import { escapeText } from '../term/escape.ts'
import { csvRefusal } from './csv-text.ts'

/** One of our fields, and its names in other products: folded, the likeliest first. */
export type ImportField<F extends string> = { readonly field: F; readonly names: readonly string[] }
/** The column of each field; null if the file has none for it. */
export type ColumnMap<F extends string> = Readonly<Record<F, Column | null>>
export type Column = { readonly at: number; readonly title: string }

/** Collects `--map user=UPN --map name=`. A field with an empty column is left out of the import. */
export function collectMap(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

/** Throws `usage` if a field or column does not exist, or if one column is mapped to two fields. */
export function chooseColumns<F extends string>(
  titles: readonly string[],
  fields: readonly ImportField<F>[],
  maps: readonly string[],
): ColumnMap<F> {
  const said = new Map(maps.map((text) => readMap(text, titles, fields)))
  const taken = new Set(Array.from(said.values(), (column) => column?.at))
  const chosen = fields.map(({ field, names }): [F, Column | null] => {
    const column = said.get(field)
    return [field, column === undefined ? guessColumn(titles, field, names, taken) : column]
  })
  if (taken.size < said.size && hasTwice(Array.from(said.values())))
    throw new KeydeskError('usage', 'bad-map', '--map names one column for two fields')
  return Object.fromEntries(chosen) as ColumnMap<F>
}

function hasTwice(columns: readonly (Column | null)[]): boolean {
  const places = columns.filter((column) => column !== null).map(({ at }) => at)
  return new Set(places).size < places.length
}

const foldTitle = (title: string): string => foldText(title).replace(/[^a-z0-9]/g, '')

function guessColumn(titles: readonly string[], field: string, names: readonly string[], taken: Set<unknown>) {
  // Our own lists must be read as they were written: `deviceId` is our id, "Device ID" is the device management's.
  const own = titles.indexOf(field)
  const isFree = (at: number) => at !== -1 && !taken.has(at)
  if (isFree(own)) return { at: own, title: titles[own] as string }
  const folded = titles.map((title, at) => (at in titles && !isOwn(title) ? foldTitle(title) : ''))
  const at = names.map((name) => folded.findIndex((title, i) => title === name && !taken.has(i))).find(isFree)
  return at === undefined ? null : { at, title: titles[at] as string }
}

const isOwn = (title: string): boolean => title === 'deviceId'

function readMap<F extends string>(
  text: string,
  titles: readonly string[],
  fields: readonly ImportField<F>[],
): [F, Column | null] {
  const [, name = '', title = ''] = /^([^=]*)=?(.*)$/s.exec(text) ?? []
  const field = fields.find((each) => each.field === name)?.field
  if (field === undefined || !text.includes('=')) {
    const hint = `write --map FIELD=COLUMN; the fields are ${fields.map((each) => each.field).join(', ')}`
    throw new KeydeskError('usage', 'bad-map', `--map ${text} names no field`, hint)
  }
  if (title === '') return [field, null]
  const exact = titles.indexOf(title)
  const at = exact === -1 ? titles.findIndex((each) => foldTitle(each) === foldTitle(title)) : exact
  if (at !== -1) return [field, { at, title: titles[at] as string }]
  throw new KeydeskError('usage', 'bad-map', `no column is called ${title}`, `the columns are ${listTitles(titles)}`)
}

const LONGEST_TITLE = 200
const SHOWN_TITLES = 20

/** Throws `damaged` if a title is too long: the first line is then no heading. */
export function requireTitles(titles: readonly string[]): void {
  if (titles.every((title) => title.length <= LONGEST_TITLE)) return
  throw csvRefusal(`a title is longer than ${LONGEST_TITLE} characters`, 1, 'its first line must name the columns')
}

/** The first titles, for a hint. */
export const listTitles = (titles: readonly string[]): string =>
  [...titles.slice(0, SHOWN_TITLES), ...(titles.length > SHOWN_TITLES ? ['…'] : [])].join(', ')

/** Prints `column 'Device Name' → name` for each chosen column, then the ignored columns. */
export function tellColumns<F extends string>(
  context: Context,
  options: DeskGlobals,
  titles: readonly string[],
  columns: ColumnMap<F>,
): void {
  const chosen = (Object.entries(columns) as [F, Column | null][]).filter(([, column]) => column !== null)
  for (const [field, column] of chosen)
    tell(context, options, `column '${escapeText((column as Column).title)}' → ${field}`)
  const used = new Set(chosen.map(([, column]) => column?.at))
  const ignored = titles.filter((title, at) => !used.has(at) && title !== '').map((title) => `'${escapeText(title)}'`)
  if (ignored.length > 0) tell(context, options, `ignored: ${ignored.join(', ')}`)
}

/** The chosen columns for --json: field to title. */
export function columnsJson<F extends string>(columns: ColumnMap<F>): Record<string, string> {
  const chosen = (Object.entries(columns) as [F, Column | null][]).filter(([, column]) => column !== null)
  return Object.fromEntries(chosen.map(([field, column]) => [field, (column as Column).title]))
}
