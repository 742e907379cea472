/**
 * What is waited for in a call, as ratios to `node -e 0`: a store made by the real commands, an agent that holds the keys, a fresh epoch for
 * every confirm, and every answer compared with what the crypto library derives.
 */
import { describePair, measureTurns } from './figures.mjs'
import { createWorld, keydesk, measurePeak, openDesk, PROGRAM, readAnswer, removeWorld, run } from './world.mjs'

/**
 * A row a job. `args(world)` is called before each run and may draw a fresh epoch; `expect(world)` is the stdout that this
 * run must print. `bar` is in the unit of the row: a ratio to `node -e 0`, or megabytes of peak memory.
 */
const JOBS = [
  { name: '--version', bar: 1.2, args: () => ['--version'], expect: ({ version }) => version },
  {
    name: 'TAB, a command',
    bar: 2.0,
    args: () => ['complete', 'bash', 'keydesk reset con', ''],
    expect: () => 'words\nconfirm',
  },
  {
    name: 'TAB, a name',
    bar: 2.0,
    args: () => ['complete', 'bash', 'keydesk user show an', ''],
    expect: () => 'words\nanna',
  },
  { name: 'reset check', bar: 2.0, args: (world) => ['reset', 'check', resetCode(world)], expect: null },
  { name: 'reset confirm', bar: 2.1, args: confirmArgs, expect: confirmationCode },
  { name: 'reset confirm, peak memory', unit: ' MB', bar: 70, args: confirmArgs, expect: confirmationCode },
]
export const CALL_NAMES = JOBS.map(({ name }) => name)
const MEMORY_RUNS = 10

function resetCode({ library, secret, device }) {
  return library.deriveResetCode(secret, device)
}

function confirmationCode({ library, secret, device }) {
  return library.deriveConfirmationCode(secret, device)
}

function confirmArgs(world) {
  world.device.epoch += 1
  return ['reset', 'confirm', resetCode(world), '--verified-by', 'callback']
}

/** Enrols a device of which only the crypto library knows. */
function enrolDevice(world) {
  const { invitation, enrolmentCode } = JSON.parse(keydesk(world, 'device', 'invite', '--user', 'anna', '--json'))
  const { decodeInvitation, openSlot, asDeviceSecret, stripHyphens } = world.library
  const { id, tag, slot } = decodeInvitation(invitation)
  const typed = new TextEncoder().encode(stripHyphens(enrolmentCode))
  const opened = openSlot(typed, slot, { kind: 'enrolment', context: id, logN: 17 })
  if (!opened.ok) throw new Error(`the invitation's slot is ${opened.why}`)
  return { secret: asDeviceSecret(opened.payload), device: { id, tag, epoch: 0 } }
}

/** Throws for any other answer than the one that is right. */
function runJob(world, job, measure) {
  const measured = measure(world, [PROGRAM, ...job.args(world)])
  const answer = readAnswer(world).trim()
  const expected = job.expect?.(world) ?? answer
  if (answer !== expected || answer === '') throw new Error(`${job.name} did not print what it should`)
  return measured
}

function measureJob(world, job, rounds) {
  if (job.unit === undefined) {
    const measured = measureTurns(() => run(world, ['-e', '0']), [() => runJob(world, job, run)], rounds)
    return { values: measured.ratios[0], note: describePair(measured.bases[0], measured.times[0]) }
  }
  const values = Array.from({ length: Math.min(rounds, MEMORY_RUNS) }, () => runJob(world, job, measurePeak))
  return { values, note: `node -e 0 alone: ${measurePeak(world, ['-e', '0']).toFixed(1)} MB` }
}

/** The jobs in whose names any of `parts` stands; all of them when there are none. */
export async function measureCalls({ row, title }, { rounds, parts }) {
  const jobs = JOBS.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)))
  title('a call, ÷ node -e 0')
  const world = await createWorld()
  try {
    if (jobs.some(({ name }) => name !== '--version')) {
      openDesk(world)
      Object.assign(world, enrolDevice(world))
    }
    for (const job of jobs) {
      const { values, note } = measureJob(world, job, rounds)
      row({ ...job, values, note, digits: job.unit === undefined ? 2 : 1 })
    }
  } finally {
    removeWorld(world)
  }
}
