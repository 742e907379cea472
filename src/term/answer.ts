/**
 * How an answer leaves: with --json one JSON document, the same on a terminal and in a pipe; where a script reads it
 * and it is one value, the bare value; else the screen for people. All of it goes to stdout, and nothing else does.
 */
import { escapeJson } from './escape.ts'
import type { Streams } from './streams.ts'

export type Answer = {
  /** The fields that `--json` promises: plain data. */
  readonly json: unknown
  /** The whole answer where it is one value: what `code=$(keydesk …)` gets. As it is, not escaped: it must be ours. */
  readonly value?: string
  /** What a person sees; drawn only if it is shown. Foreign text in it is already escaped. */
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

/** One JSON document a line, each out before the next is asked for: a batch can be followed as it runs. */
export async function printNdjson(io: Output, records: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
  for await (const record of records) io.out(renderJson(record))
}

/** What a terminal would obey is written as `\uXXXX`, so that JSON may be looked at as well as piped. */
export function renderJson(value: unknown): string {
  return `${escapeJson(JSON.stringify(value) ?? 'null')}\n`
}

/** The same for many, a line each. They are escaped together: that is most of what a line costs. */
export function renderNdjson(values: readonly unknown[]): string {
  return values.length === 0 ? '' : `${escapeJson(values.map((value) => JSON.stringify(value)).join('\n'))}\n`
}
