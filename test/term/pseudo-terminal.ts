/**
 * Runs a program under a real pseudo-terminal, by script(1) of util-linux or of the BSDs, and types at it: each key
 * sequence is sent once the text before it has been seen, so that nothing is typed before it is asked for. Kills what
 * takes too long.
 */
import { spawn } from 'node:child_process'

/** What to wait for, and what to type then. */
export type Turn = readonly [seen: string, typed: string]

const LIMIT_MS = 20_000
/**
 * What is typed too early is dropped by the prompt, as it should be; this lets it get ready after its text appeared.
 */
const SETTLE_MS = 150

/** All that the terminal showed while `command` (for sh) ran in it. */
export function playTerminal(command: string, turns: readonly Turn[]): Promise<string> {
  // Ctrl-C also reaches the shell: with a trap it goes on to the next command once the program has ended, at any timing.
  const guarded = `trap : INT; ${command}`
  const args = process.platform === 'linux' ? ['-qfec', guarded, '/dev/null'] : ['-q', '/dev/null', 'sh', '-c', guarded]
  const child = spawn('script', args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color' },
  })
  const left = [...turns]
  let shown = ''
  let from = 0
  const typeNext = (): void => {
    const at = left[0] === undefined ? -1 : shown.indexOf(left[0][0], from)
    if (at === -1) return
    const [, typed] = left.shift() as Turn
    from = shown.length
    setTimeout(() => child.stdin.write(typed), SETTLE_MS)
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    typeNext()
  })
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => child.kill('SIGKILL') && reject(new Error(`it never ended:\n${JSON.stringify(shown)}`)),
      LIMIT_MS,
    )
    child.on('error', reject)
    child.on('close', () => resolve(shown)).on('close', () => clearTimeout(limit))
  })
}
