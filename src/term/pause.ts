/**
 * A pause that Ctrl-C ends with exit code 130, after everything open is closed in order. The signal handler is
 * installed by the first pause. A program that never pauses ends at once on Ctrl-C, as usual.
 */
import { KeydeskError } from '../errors.ts'

export type Pause = (milliseconds: number) => Promise<void>

export function createPause(process: Pick<NodeJS.EventEmitter, 'on'>): Pause {
  let isWatched = false
  let isInterrupted = false
  let wake = (): void => undefined
  return (milliseconds) => {
    // From the first pause on, Ctrl-C also waits between two pauses, so that a running write is completed.
    if (!isWatched)
      process.on('SIGINT', () => {
        isInterrupted = true
        wake()
      })
    isWatched = true
    return new Promise((resolve, reject) => {
      const end = () =>
        isInterrupted ? reject(new KeydeskError('cancelled', 'cancelled', 'stopped by Ctrl-C')) : resolve()
      const timer = setTimeout(end, isInterrupted ? 0 : milliseconds)
      wake = () => {
        clearTimeout(timer)
        end()
      }
    })
  }
}
