/**
 * Prints the answer of a command to stdout. Nothing else goes to stdout.
 * - With --json: one JSON document, the same on a terminal and in a pipe.
 * - In a pipe, if the answer is a single value: the bare value.
 * - Otherwise: the screen for a person.
 */
import { escapeJson } from './escape.ts'
import type { Streams } from './streams.ts'

export type Answer = {
  /** The fields that `--json` promises: plain data. */
  readonly json: unknown
  /**
   * The answer as a single value, for `code=$(keydesk …)`. It is printed without escaping, so it must not be foreign
   * text.
   */
  readonly value?: string
  /** The screen for a person. Drawn only if it is shown. Foreign text in it must be escaped already. */
  readonly screen: () => string | Promise<string>
}

type Output = Pick<Streams, 'out' | 'stdoutIsTerminal'>

export async function printAnswer(
  io: Output,
  options: { readonly json?: boolean | undefined },
  answer: Answer,
): Promise<void> {
  if (options.json === true) return io.out(renderJson(answer.json))
  if (answer.value !== undefined && !io.stdoutIsTerminal) return io.out(`${answer.value}\n`)
  const screen = await answer.screen()
  if (screen !== '') io.out(screen.endsWith('\n') ? screen : `${screen}\n`)
}

/** One JSON document per line. Each is written before the next is requested, so that a pipe shows progress. */
export async function printNdjson(io: Output, records: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
  for await (const record of records) io.out(renderJson(record))
}

/** Control characters are written as `\uXXXX`, so that the JSON is safe to show on a terminal. */
export function renderJson(value: unknown): string {
  return `${escapeJson(JSON.stringify(value) ?? 'null')}\n`
}

/** One line per value. All lines are escaped together, because escaping is most of the cost of a line. */
export function renderNdjson(values: readonly unknown[]): string {
  return values.length === 0 ? '' : `${escapeJson(values.map((value) => JSON.stringify(value)).join('\n'))}\n`
}
