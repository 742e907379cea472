/**
 * Runs a program under a real pseudo-terminal, by script(1) of util-linux or of the BSDs, and types keys into it.
 * - It sends a key sequence after the text before it has been seen, so that nothing is typed too early.
 * - It kills a program that takes too long.
 */
import { spawn } from 'node:child_process'

/** The text to wait for, and the keys to type then. */
export type Turn = readonly [seen: string, typed: string]

const LIMIT_MS = 20_000
/**
 * The delay between the text of a prompt and the keys.
 * A prompt drops keys that arrive before it is ready. That is correct, so the keys must wait.
 */
const SETTLE_MS = 150

/**
 * Runs `command` with sh in the terminal. Resolves to everything that the terminal showed.
 * Rejects if the command does not end within `LIMIT_MS`.
 */
export function playTerminal(command: string, turns: readonly Turn[]): Promise<string> {
  // Ctrl-C also reaches the shell. With a trap the shell always runs the next command after the program has ended.
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
