/**
 * Transcripts: command lines as they are typed, with the exact stdout, stderr and exit code that they must give. They
 * run in one process, each in a world of its own. The same reader runs the ```console blocks of README.md and docs/, so
 * an outdated block fails the tests. With UPDATE_TRANSCRIPTS=1 the real output is written to the file instead. A line
 * means what it means in a shell (see transcript-world.ts):
 *
 *     $ keydesk reset confirm $code    runs a command; its stdout follows
 *     ! hint: …                        a line of its stderr (in .txt; in Markdown stderr has no mark)
 *     < yes                            the person's answer to the next question; ^C is Ctrl-C
 *     [exit 3]                         its exit code, unless 0
 *     @clock +11m                      moves the clock
 *     @terminal 80   @pipe             from here on, a person at a terminal of 80 columns, or a pipe
 *     @again 8                         repeats the last line 8 times; the outcome must be the same each time
 *     @after a-desk.txt                runs another transcript first, in the same world
 *     # …                              a comment
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { closeWorld, createWorld, passTime, runLine, type World } from './transcript-world.ts'

const TRANSCRIPTS = join(import.meta.dirname, 'transcripts')

type Step = { readonly line: string; readonly typed: string[]; readonly said: string[] }

/** Runs the lines. Returns them with the real output under each. `marked`: lines of stderr begin with `! `. */
async function replayTranscript(text: string, options: { marked: boolean }): Promise<string> {
  const world = createWorld(options)
  try {
    const played = await playSteps(world, readSteps(text))
    const lines = played.flatMap(({ line, typed, said }) => [line, ...typed.map((answer) => `< ${answer}`), ...said])
    return `${lines.join('\n')}\n`
  } finally {
    closeWorld(world)
  }
}

async function playSteps(world: World, steps: readonly Step[]): Promise<Step[]> {
  const played: Step[] = []
  for (const { line, typed } of steps) {
    const isCommand = line.startsWith('$ ')
    const said = isCommand ? await runLine(world, line.slice(2), typed) : await obey(world, line, played)
    played.push({ line, typed, said })
  }
  return played
}

/**
 * Returns the transcript in `path` as written and as played. With UPDATE_TRANSCRIPTS, writes the played one to `path`.
 */
export async function playFile(path: string): Promise<{ written: string; played: string }> {
  const written = readFileSync(path, 'utf8')
  const played = path.endsWith('.md') ? await playMarkdown(written) : await replayTranscript(written, { marked: true })
  if (process.env['UPDATE_TRANSCRIPTS'] && played !== written) writeFileSync(path, played)
  return { written, played }
}

/**
 * Runs the ```console blocks of a document. A block continues where the block before it ended. `fresh` begins on an
 * empty machine. In a `terminal` block, a person is at a terminal of 80 columns.
 */
async function playMarkdown(text: string): Promise<string> {
  const fence = /^```console((?: fresh| terminal)*)\n([\s\S]*?)^```$/gm
  const played: string[] = []
  let world: string[] = []
  const blocks = Array.from(text.matchAll(fence), ([, words = '', body = '']) => ({ words, body }))
  for (const [i, { words, body }] of blocks.entries()) {
    if (words.includes('fresh')) world = []
    world.push(`${words.includes('terminal') ? '@terminal 80' : '@pipe'}\n# block\n${body}`)
    const ends = i + 1 === blocks.length || blocks[i + 1]?.words.includes('fresh')
    if (ends)
      played.push(...(await replayTranscript(world.join(''), { marked: false })).split(/^@.*\n# block\n/m).slice(1))
  }
  return text.replace(fence, (_, words: string) => `\`\`\`console${words}\n${played.shift()}\`\`\``)
}

/** A blank line belongs to the output only if more output follows it. Before the next step it only separates. */
function readSteps(text: string): Step[] {
  const steps: Step[] = []
  const lines = text.trimEnd().split('\n')
  const isStep = (line: string | undefined) => line === undefined || STEP.test(line)
  for (const [i, line] of lines.entries()) {
    const last = steps.at(-1)
    const isAir = line === '' && isStep(lines.slice(i).find((next) => next !== ''))
    if (isAir || isStep(line) || last === undefined) steps.push({ line, typed: [], said: [] })
    else if (line.startsWith('< ')) last.typed.push(line.slice(2))
    else last.said.push(line)
  }
  return steps
}

const STEP = /^(\$ |# |#$|@(clock|terminal|pipe|again|after)\b)/

async function obey(world: World, line: string, steps: readonly Step[]): Promise<string[]> {
  const [word, value = ''] = line.split(' ')
  if (word === '@clock') passTime(world, value)
  if (word === '@terminal') world.columns = Number(value)
  if (word === '@pipe') world.columns = null
  if (word === '@after') await playSteps(world, readSteps(readFileSync(join(TRANSCRIPTS, value), 'utf8')))
  return word === '@again' ? runAgain(world, steps.at(-1) as Step, Number(value)) : []
}

/** Repeats the last line `times` times. Returns the output of the first repetition that differs, or nothing. */
async function runAgain(world: World, { line, typed, said }: Step, times: number): Promise<string[]> {
  for (let i = 0; i < times; i++) {
    const again = await runLine(world, line.slice(2), typed)
    if (again.join('\n') !== said.join('\n')) return again
  }
  return []
}
