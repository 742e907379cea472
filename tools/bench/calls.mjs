/**
 * Measures the commands that an operator waits for during a call, as ratios to `node -e 0`.
 * - The real commands make the store, and an agent holds the keys.
 * - Every confirm uses a new epoch.
 * - Every answer is checked. A confirmation code must equal the one that the crypto library derives.
 */
import { describePair, measureTurns } from './figures.mjs'
import { createWorld, keydesk, measurePeak, openDesk, PROGRAM, readAnswer, removeWorld, run } from './world.mjs'

/**
 * One row for each job.
 * - `args(world)` is called before each run and may move to the next epoch.
 * - `expect(world)` is the stdout that the run must print. If it is null, any output will do.
 * - `bar` is in the unit of the row: a ratio to `node -e 0`, or megabytes of peak memory.
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

/** Invites a device and enrols it with the crypto library alone. Returns its secret, and its id, tag and epoch. */
function enrolDevice(world) {
  const { invitation, enrolmentCode } = JSON.parse(keydesk(world, 'device', 'invite', '--user', 'anna', '--json'))
  const { decodeInvitation, openSlot, asDeviceSecret, stripHyphens } = world.library
  const { id, tag, slot } = decodeInvitation(invitation)
  const typed = new TextEncoder().encode(stripHyphens(enrolmentCode))
  const opened = openSlot(typed, slot, { kind: 'enrolment', context: id, logN: 17 })
  if (!opened.ok) throw new Error(`the invitation's slot is ${opened.why}`)
  return { secret: asDeviceSecret(opened.payload), device: { id, tag, epoch: 0 } }
}

/** Runs the job once and returns what `measure` measured. Throws if the answer is wrong or empty. */
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

/** Measures the jobs whose name contains one of `parts`, or all jobs if `parts` is empty. */
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
