/**
 * Waiting that Ctrl-C ends as an answer of the program's own: exit 130, whatever is open closed in order. Who never waits never
 * listens for it, and dies of it as any program does.
 */
import { KeydeskError } from '../errors.ts'

export type Pause = (milliseconds: number) => Promise<void>

export function createPause(process: Pick<NodeJS.EventEmitter, 'on'>): Pause {
  let isWatched = false
  let isInterrupted = false
  let wake = (): void => undefined
  return (milliseconds) => {
    // From the first pause on also between two: what is written then is written whole.
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
