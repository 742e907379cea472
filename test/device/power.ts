/**
 * File layers that go wrong at the n-th call that changes anything: the power goes before it, in the middle of a write, or the disk
 * reports a fault and the program goes on. What only reads is not counted: a stop there is a stop before the next change.
 */
import { type FileCalls, nodeFiles } from '../../src/device/durable.ts'

class PowerCut extends Error {}
export type Trouble = 'power' | 'torn' | 'fault'
export const TROUBLES: readonly Trouble[] = ['power', 'torn', 'fault']

const CHANGES = new Set([
  'chmodSync',
  'closeSync',
  'fsyncSync',
  'mkdirSync',
  'openSync',
  'renameSync',
  'rmSync',
  'writeSync',
])

/** The real files, but for fsync: where cut power is only played, waiting for the disk shows nothing and takes most of the time. */
export const unsyncedFiles: FileCalls = { ...nodeFiles, fsyncSync: () => undefined }

export type Trace = { readonly calls: string[] }

type Call = (...args: unknown[]) => unknown

/** `at` counts changes from 1. `trace` gets the name of each one that was made, with its first argument where that is a path. */
export function troubledFiles(at: number, trouble: Trouble, trace: Trace = { calls: [] }): FileCalls {
  let count = 0
  const wrap = (name: string, call: Call): Call => {
    if (!CHANGES.has(name)) return call
    return (...args) => {
      count++
      if (trouble === 'fault' && count === at) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
      // After a cut nothing runs any more, the clearing up of a `finally` included.
      if (trouble !== 'fault' && count >= at) cutPower(name, call, args, count === at && trouble === 'torn')
      trace.calls.push(typeof args[0] === 'string' ? `${name} ${args[0]}` : name)
      return call(...args)
    }
  }
  const calls = Object.entries(unsyncedFiles).filter(([, call]) => typeof call === 'function')
  return Object.fromEntries(calls.map(([name, call]) => [name, wrap(name, call as Call)])) as unknown as FileCalls
}

/** Closes what is open, so that thousands of cuts do not run out of descriptors: a dead process would have. */
function cutPower(name: string, call: Call, args: unknown[], torn: boolean): never {
  if (torn && name === 'writeSync') call(args[0], (args[1] as Uint8Array).subarray(0, 100))
  if (name === 'closeSync') call(...args)
  throw new PowerCut()
}
