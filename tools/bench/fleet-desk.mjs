/**
 * Makes a desk with a fleet of devices whose secrets the benchmark knows.
 * - All secrets, tags and ids come from one random seed, and `device import` reads them from files.
 * - The crypto library derives each code, so that each answer of the desk can be checked.
 * - Only the commands write to the store.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ownerOf, renderFleet } from '../../test/commands/fleet.ts'
import { createWorld, keydesk, openDesk, PROGRAM, readAnswer, run } from './world.mjs'

/** Devices in one file: a larger fleet comes in several files, as a device management exports it. */
const BATCH = 100_000
const TAGS = 2 ** 25
/**
 * Odd, so that no two of the 2^25 tags are equal.
 * Close to the golden section of 2^25, so that neighbours in the file are far apart in the store.
 */
const STRIDE = 20_736_461

export async function createFleet(size) {
  const world = await createWorld()
  openDesk(world)
  const seed = randomBytes(32)
  const draw = (at, what) => createHash('sha256').update(seed).update(`${what} ${at}`).digest()
  const epochs = new Uint32Array(size)
  const tagOf = (at) => (at * STRIDE) % TAGS
  const idOf = (at) => draw(at, 'id').toString('hex', 0, 16)
  const fleet = { world, size, tagOf, idOf, epochs, secretOf: (at) => world.library.asDeviceSecret(draw(at, 'secret')) }
  const file = join(world.home, 'fleet.csv')
  const enrolled = (at) => ({ deviceId: idOf(at), tag: tagOf(at), secret: draw(at, 'secret').toString('base64url') })
  for (let from = 0; from < size; from += BATCH) {
    const devices = Math.min(BATCH, size - from)
    writeFileSync(file, renderFleet(devices, { from, enrolled }), { mode: 0o600 })
    const { added } = JSON.parse(keydesk(world, 'device', 'import', file, '--json', '--quiet'))
    requireSame(`devices from the ${from}th on`, added, devices)
  }
  return fleet
}

export function requireSame(what, is, should) {
  if (is !== should) throw new Error(`${what}: ${is} and not ${should}`)
}

/** Moves device `at` to its next epoch. Returns the reset code, and the confirmation code that must answer it. */
function nextCode(fleet, at) {
  const { library } = fleet.world
  fleet.epochs[at] += 1
  const device = { id: Buffer.from(fleet.idOf(at), 'hex'), tag: fleet.tagOf(at), epoch: fleet.epochs[at] }
  const secret = fleet.secretOf(at)
  return { code: library.deriveResetCode(secret, device), answer: library.deriveConfirmationCode(secret, device) }
}

/** Milliseconds of one `reset confirm` of a random device: no cache of an earlier lookup helps. */
export function confirmAny(fleet, measure = run) {
  const { code, answer } = nextCode(fleet, randomInt(fleet.size))
  const measured = measure(fleet.world, [PROGRAM, 'reset', 'confirm', code, '--verified-by', 'callback'])
  requireSame('reset confirm', readAnswer(fleet.world).trim(), answer)
  return measured
}

/**
 * Milliseconds of a batch with one code for each device. `measure` runs the program.
 * Throws if any line of the answer is wrong.
 */
export function confirmAll(fleet, measure = run) {
  const { world, size } = fleet
  const input = join(world.home, 'codes')
  const answers = []
  const file = openSync(input, 'w', 0o600)
  for (let at = 0; at < size; at++) {
    const { code, answer } = nextCode(fleet, at)
    answers.push(answer)
    writeSync(file, `${code}\n`)
  }
  closeSync(file)
  const measured = measure(world, [PROGRAM, 'reset', 'confirm', '--batch', '-', '--verified-by', 'callback'], { input })
  requireAnswers(fleet, readAnswer(world), answers)
  return measured
}

function requireAnswers(fleet, text, answers) {
  const lines = text.trimEnd().split('\n')
  requireSame('answers of a batch', lines.length, answers.length)
  let first = null
  for (const [at, line] of lines.entries()) {
    const { confirmationCode, deviceId, auditSeq } = JSON.parse(line)
    first ??= auditSeq
    requireSame(`answer ${at}`, confirmationCode, answers[at])
    requireSame(`device ${at}`, deviceId, fleet.idOf(at))
    requireSame(`entry ${at}`, auditSeq, first + at)
  }
}

/** Milliseconds of a list of all devices as NDJSON. Throws unless each device is in it exactly once. */
export function listAll(fleet, measure = run) {
  const { world, size } = fleet
  const measured = measure(world, [PROGRAM, 'device', 'list', '--ndjson'])
  const lines = readAnswer(world).trimEnd().split('\n')
  const ids = new Set(lines.map((line) => JSON.parse(line).deviceId))
  requireSame('devices in the list', lines.length, size)
  for (let at = 0; at < size; at++) if (!ids.has(fleet.idOf(at))) throw new Error(`device ${at} is not in the list`)
  return measured
}

/** Searches: `text` is what an operator types, and `isRight` says whether a line of the answer is right. */
export function describeSearches({ size }) {
  const middle = size >> 1
  const { user } = ownerOf(middle)
  const devices = Array.from({ length: size }, (_, at) => at).filter((at) => ownerOf(at).user === user).length
  const isOf = (line) => line.includes(`\tuser${user}@example.ch\t`)
  return [
    { what: 'what many have', text: 'anais iphone', isRight: (line) => /Anaïs/.test(line) && /iPhone/.test(line) },
    { what: 'a user', text: `user${user}@example.ch`, isRight: isOf, devices },
    { what: 'a misspelt name', text: 'tomsa muler', isRight: (line) => /Tomáš Müller/.test(line) },
  ]
}

/**
 * Milliseconds of `device list --limit 20 --search`. Throws if a line is wrong or no line is found.
 * `devices`, if given, is the number of lines that must be found.
 */
export function searchFleet({ world }, { text, isRight, devices }, measure = run) {
  const measured = measure(world, [PROGRAM, 'device', 'list', '--limit', '20', '--search', text])
  const lines = readAnswer(world).split('\n').filter(Boolean)
  const wrong = lines.find((line) => !isRight(line))
  if (wrong !== undefined || lines.length === 0) throw new Error(`a search for ${text} found ${wrong ?? 'nothing'}`)
  if (devices !== undefined) requireSame(`devices found for ${text}`, lines.length, devices)
  return measured
}

/** Milliseconds of a TAB after the beginning of a user's name. Few users share that beginning. */
export function completeUser({ world, size }, measure = run) {
  const { user } = ownerOf(size >> 1)
  const line = `keydesk user show user${user}`
  const measured = measure(world, [PROGRAM, 'complete', 'bash', line, ''])
  const [first, ...words] = readAnswer(world).trimEnd().split('\n')
  requireSame('the answer to a TAB', first, 'words')
  if (!words.includes(`user${user}@example.ch`)) throw new Error(`a TAB behind user${user} found ${words.join(' ')}`)
  return measured
}
