/** Numbers that are the same in every run, so a failure repeats. SHAKE256 of the seed, four bytes a number. */
import { createHash } from 'node:crypto'

const BLOCK_BYTES = 65_536

/** Each call of the returned function draws an integer from 0 up to, but not including, `below`. */
export function seededNumbers(seed: string): (below: number) => number {
  let block = 0
  let at = BLOCK_BYTES
  let bytes = Buffer.alloc(0)
  return (below) => {
    if (at === BLOCK_BYTES) {
      bytes = createHash('shake256', { outputLength: BLOCK_BYTES }).update(`${seed}/${block++}`).digest()
      at = 0
    }
    at += 4
    return bytes.readUInt32BE(at - 4) % below
  }
}
