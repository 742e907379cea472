/**
 * The commands that are killed, starved of disk or given a failing one, a line each: how it is called, and what must hold afterwards,
 * wherever it was stopped. A command that is new here is a new line in `JOBS`.
 */
import type { AuditEntry } from '../../src/desk/records.ts'
import { inviteRealPhone, type Machine } from '../bars/programs.ts'
import type { Phone } from '../commands/bench.ts'
import type { Seen } from './inspection.ts'

/** A desk with a phone that is confirmed and one that is blocked. */
export type TortureDesk = { readonly machine: Machine; readonly confirmed: Phone; readonly blocked: Phone }

export type Job = {
  readonly name: string
  /** What is killed; the command itself unless it is the agent. */
  readonly victim?: 'agent'
  /** Of so many rounds one is this job's. */
  readonly weight: number
  readonly argv: (desk: TortureDesk, round: number) => readonly string[]
  /** What does not hold, given what was shown: empty for all is well. */
  readonly findFaults: (desk: TortureDesk, round: number, shown: string, seen: Seen) => string[]
}

/** Two phones of a desk that is set up and unlocked. */
export async function invitePhones(machine: Machine): Promise<TortureDesk> {
  const confirmed = await inviteRealPhone(machine)
  return { machine, confirmed, blocked: await inviteRealPhone(machine, 'max@example.ch') }
}

const faultIf = (isFault: boolean, text: string): string[] => (isFault ? [text] : [])
const isOk = (entry: AuditEntry, action: string) => entry.action === action && entry.outcome === 'ok'

const confirm: Job = {
  name: 'reset confirm',
  weight: 3,
  argv: ({ confirmed }, round) => ['reset', 'confirm', confirmed.resetCode(round), '--verified-by', 'callback', '-q'],
  findFaults({ confirmed }, round, shown, { entries, devices }) {
    const onRecord = entries.filter((entry) => isOk(entry, 'reset.confirm') && entry.details['epoch'] === round).length
    const device = devices.find(({ deviceId }) => deviceId === confirmed.deviceId)
    return [
      ...faultIf(!['', `${confirmed.confirmationCode(round)}\n`].includes(shown), 'something else was shown'),
      ...faultIf(shown !== '' && onRecord === 0, 'a code was shown, and its entry is missing'),
      ...faultIf(onRecord > 1, 'it is on record twice'),
      ...faultIf((onRecord === 1) !== (device?.lastConfirmed?.epoch === round), 'the entry and the device disagree'),
    ]
  },
}

const block: Job = {
  name: 'device block',
  weight: 2,
  argv: ({ blocked }, round) => ['device', 'block', blocked.deviceId, '--reason', `round ${round}`, '--json'],
  findFaults({ blocked }, round, shown, { entries, devices }) {
    const reason = `round ${round}`
    const isEntry = (entry: AuditEntry) => isOk(entry, 'device.block') && entry.details['reason'] === reason
    const onRecord = entries.some(isEntry)
    const device = devices.find(({ deviceId }) => deviceId === blocked.deviceId)
    return [
      ...faultIf(shown !== '' && JSON.parse(shown).blockedFor !== reason, 'something else was shown'),
      ...faultIf(shown !== '' && !onRecord, 'an answer was shown, and its entry is missing'),
      ...faultIf(onRecord !== (device?.blockedFor === reason), 'the entry and the device disagree'),
    ]
  },
}

const invite: Job = {
  name: 'device invite',
  weight: 1,
  argv: (_, round) => ['device', 'invite', '--user', `user${round}@example.ch`, '--json'],
  findFaults(_, round, shown, { entries, devices }) {
    const user = `user${round}@example.ch`
    const device = devices.find((each) => each.user === user)
    const onRecord = entries.some((entry) => isOk(entry, 'device.invite') && entry.subject?.user === user)
    return [
      ...faultIf(shown !== '' && JSON.parse(shown).deviceId !== device?.deviceId, 'its device is missing'),
      ...faultIf(shown !== '' && !onRecord, 'an invitation was shown, and its entry is missing'),
      ...faultIf(onRecord !== (device !== undefined), 'the entry and the device disagree'),
    ]
  },
}

export const JOBS: readonly Job[] = [
  confirm,
  { ...confirm, name: 'reset confirm, its agent killed', victim: 'agent', weight: 1 },
  block,
  invite,
]

/** Takes turns by weight. */
export function jobOfRound(jobs: readonly Job[], round: number): Job {
  const turns = jobs.flatMap((job) => Array.from({ length: job.weight }, () => job))
  return turns[round % turns.length] as Job
}
