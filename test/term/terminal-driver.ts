/**
 * A small program that the tests run under a pseudo-terminal or on a pipe: `terminal-driver.ts <task> <file>`.
 * It performs one task with the real streams, and writes the outcome to the file as JSON.
 * A timer keeps it alive, as an open socket keeps a command alive. So a question that never settles shows as a hang.
 */
import { writeFileSync } from 'node:fs'
import { KeydeskError } from '../../src/errors.ts'
import { terminalPrompt } from '../../src/term/prompt.ts'
import { systemStreams } from '../../src/term/streams.ts'

const [task = '', file = ''] = process.argv.slice(2)
const io = systemStreams(process)
const prompt = terminalPrompt(io, process)
const keepAlive = setInterval(() => undefined, 1000)

const TASKS: Record<string, () => unknown> = {
  secret: () => prompt.secret('Passphrase of "a\u001b]0;b\u0007"'),
  twice: async () => [await prompt.secret('Passphrase'), await prompt.secret('The same again')],
  text: () => prompt.text('Reset code'),
  confirm: () => prompt.confirm('Block it'),
  columns: () => io.columns,
  flood: () => io.out('0123456789abcde\n'.repeat(200_000)),
  read: () => io.readInput(),
  windows: () => {
    const written: string[] = []
    const stream = (name: string) => ({ columns: 120, write: (text: string) => void written.push(`${name} ${text}`) })
    const { getBuiltinModule } = process
    const console = { platform: 'win32', getBuiltinModule, stdout: stream('out'), stderr: stream('err') }
    const streams = systemStreams(console as never)
    streams.out('Müller')
    streams.err('Größe')
    return [...written, streams.columns]
  },
}

async function perform(): Promise<unknown> {
  try {
    const answer = await TASKS[task]?.()
    return { answer, available: prompt.available }
  } catch (error) {
    return error instanceof KeydeskError ? { refusal: error.refusal } : { fault: String(error) }
  }
}

const outcome = await perform()
clearInterval(keepAlive)
writeFileSync(file, JSON.stringify(outcome))
