/**
 * The commands that are killed, starved of disk or given a failing one, a line each: how it is called, and what must hold afterwards,
 * wherever it was stopped. A command that is new here is a new line in `JOBS`.
 */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
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

const rekey: Job = {
  name: 'store rekey',
  weight: 1,
  argv: () => ['store', 'rekey', '--yes', '--json'],
  findFaults(_, _round, shown, { entries }) {
    const onRecord = entries.filter((entry) => isOk(entry, 'store.rekey'))
    // That everything opens under the newest keys, and nothing under two, is what verifying has looked at.
    if (shown === '') return []
    const { auditSeq, generation } = JSON.parse(shown)
    return [
      ...faultIf(onRecord.at(-1)?.seq !== auditSeq, 'new keys were announced, and their entry is missing'),
      ...faultIf(onRecord.length !== generation - 1, 'another number of keys than of entries'),
    ]
  },
}

const backupFile = ({ machine }: TortureDesk, round: number): string => join(machine.home, `backup-${round}`)

const backup: Job = {
  name: 'store backup',
  weight: 1,
  argv: (desk, round) => ['store', 'backup', backupFile(desk, round), '--json'],
  findFaults(desk, round, shown, { entries }) {
    const file = backupFile(desk, round)
    const isEntry = (entry: AuditEntry) => isOk(entry, 'store.backup') && entry.details['file'] === basename(file)
    return [
      ...faultIf(shown !== '' && !existsSync(file), 'a backup was announced, and is not there'),
      ...faultIf(existsSync(file) && !isWhole(file), 'a backup is not whole'),
      ...faultIf(shown !== '' && !entries.some(isEntry), 'a backup was announced, and its entry is missing'),
    ]
  },
}

/** Whether every page of the copy is there and in order, as SQLite sees it. */
function isWhole(file: string): boolean {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    return (
      db.prepare('PRAGMA integrity_check').all().length === 1 &&
      db.prepare('SELECT count(*) FROM entry').all().length === 1
    )
  } finally {
    db.close()
  }
}

export const JOBS: readonly Job[] = [
  confirm,
  { ...confirm, name: 'reset confirm, its agent killed', victim: 'agent', weight: 1 },
  block,
  invite,
  rekey,
  backup,
]

/** Takes turns by weight. */
export function jobOfRound(jobs: readonly Job[], round: number): Job {
  const turns = jobs.flatMap((job) => Array.from({ length: job.weight }, () => job))
  return turns[round % turns.length] as Job
}
