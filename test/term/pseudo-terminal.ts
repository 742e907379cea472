/**
 * Runs a program under a real pseudo-terminal, by script(1) of util-linux or of the BSDs, and types keys into it.
 * - It sends each key sequence after its text was shown, once the program waits for a key.
 * - It kills a program that never ends.
 */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitsForKey } from '../process-state.ts'

/**
 * The texts to wait for, in this order, and then the keys to type or the function to call.
 * A text counts only if it was shown after the keys of the turn before were sent.
 */
export type Turn = readonly [seen: string | readonly string[], typed: string | (() => void)]

/** Only a program that hangs runs this long. */
const LIMIT_MS = 110_000
const POLL_MS = 5

/**
 * Runs `command` with sh in the terminal. Resolves to everything that the terminal showed.
 * Rejects if the command does not end within `LIMIT_MS`.
 */
export async function playTerminal(command: string, turns: readonly Turn[]): Promise<string> {
  // Ctrl-C also reaches the shell. With a trap the shell always runs the next command after the program has ended.
  const guarded = `trap : INT; ${command}`
  const args = process.platform === 'linux' ? ['-qfec', guarded, '/dev/null'] : ['-q', '/dev/null', 'sh', '-c', guarded]
  const child = spawn('script', args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    // script(1) runs its command with $SHELL.
    env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm-256color' },
  })
  let shown = ''
  let isOver = false
  let wake = () => {}
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    wake()
  })
  // A program may end before it has read all keys. Writing to it then fails with EPIPE.
  child.stdin.on('error', () => undefined)
  const ended = new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`it never ended:\n${JSON.stringify(shown)}`))
    }, LIMIT_MS)
    child.on('error', reject)
    child.on('close', () => resolve())
    child.on('close', () => {
      clearTimeout(limit)
      isOver = true
      wake()
    })
  })
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const untilAsked = async (texts: readonly string[], from: number) => {
    while (!isOver && !hasShown(shown, texts, from)) await more()
    while (!isOver && !waitsForKey(child.pid as number)) await sleep(POLL_MS)
  }
  const type = async () => {
    let from = 0
    for (const [seen, typed] of turns) {
      await untilAsked([seen].flat(), from)
      if (isOver) return
      from = shown.length
      if (typeof typed === 'string') child.stdin.write(typed)
      else typed()
    }
  }
  await Promise.all([ended, type()])
  return shown
}

/** Whether the texts were shown one after the other, from the position `from` on. */
function hasShown(shown: string, texts: readonly string[], from: number): boolean {
  let at = from
  return texts.every((text) => {
    const found = shown.indexOf(text, at)
    at = found + text.length
    return found !== -1
  })
}
