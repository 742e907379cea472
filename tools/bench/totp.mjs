/**
 * Compares `totp verify`, which checks a code and writes it to the audit log, with `oathtool`, which computes a code.
 * - A code is single use, so each run has a caller of its own.
 * - The benchmark computes the codes itself (RFC 6238) and checks each answer.
 */
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describePair, measureTurns, WARM_UPS } from './figures.mjs'
import { createWorld, keydesk, openDesk, PROGRAM, readAnswer, removeWorld, run, runProgram } from './world.mjs'

const MOST_ROUNDS = 10
const STEP_MS = 30_000
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function decodeBase32(text) {
  const bits = [...text].map((symbol) => BASE32.indexOf(symbol).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
}

/** The code of RFC 6238 with SHA-1 and six digits, `later` steps after now. */
function computeCode(secret, later) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + later))
  const hash = createHmac('sha1', decodeBase32(secret)).update(counter).digest()
  const number = hash.readUInt32BE((hash.at(-1) ?? 0) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

/** Makes a caller with an active app. The activation uses up the code of this step, but not the code of the next. */
function enrolCaller(world, name) {
  keydesk(world, 'user', 'add', name)
  const { secret } = JSON.parse(keydesk(world, 'totp', 'enroll', name, '--json'))
  keydesk(world, 'totp', 'activate', name, computeCode(secret, 0))
  return { name, secret }
}

function verifyCaller(world, { name, secret }) {
  const milliseconds = run(world, [PROGRAM, 'totp', 'verify', name, computeCode(secret, 1), '--json'])
  if (JSON.parse(readAnswer(world)).user !== name) throw new Error('totp verify named somebody else')
  return milliseconds
}

function computeByOathtool(world, { secret }, input) {
  const before = computeCode(secret, 0)
  const milliseconds = runProgram(world, 'oathtool', ['--totp', '--base32', '-'], { input })
  const answer = readAnswer(world).trim()
  if (answer === before || answer === computeCode(secret, 0)) return milliseconds
  throw new Error('oathtool computed another code')
}

export async function measureCodes(row, { rounds, hasOathtool }) {
  const world = await createWorld()
  try {
    openDesk(world)
    const count = Math.min(rounds, MOST_ROUNDS)
    const callers = Array.from({ length: count + WARM_UPS }, (_, i) => enrolCaller(world, `user${i}@example.ch`))
    const [first] = callers
    const input = join(world.home, 'totp')
    writeFileSync(input, `${first.secret}\n`, { mode: 0o600 })
    const contestants = { 'keydesk totp verify, on record': () => verifyCaller(world, callers.pop()) }
    if (hasOathtool) contestants['oathtool --totp'] = () => computeByOathtool(world, first, input)
    const node = () => run(world, ['-e', '0'])
    const { bases, times, ratios } = measureTurns(node, Object.values(contestants), count)
    for (const [i, name] of Object.keys(contestants).entries())
      row({ name: `a code: ${name}`, values: ratios[i], note: describePair(bases[i], times[i]) })
  } finally {
    removeWorld(world)
  }
}
