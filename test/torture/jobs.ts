/**
 * The commands that the campaigns kill, or run on a full or failing disk.
 * - A job says how its command is called, and what must hold afterwards, wherever the command was stopped.
 * - To test another command, add a job to `JOBS`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { AuditEntry } from '../../src/desk/records/index.ts'
import { inviteRealPhone, type Machine } from '../acceptance/programs.ts'
import type { Phone } from '../commands/bench.ts'
import type { Seen } from './inspection.ts'

/** A desk with three phones: one for `reset confirm`, one for the batch, and one for `device block`. */
export type TortureDesk = {
  readonly machine: Machine
  readonly confirmed: Phone
  readonly batched: Phone
  readonly blocked: Phone
}

export type Job = {
  readonly name: string
  /** The process that is killed: the agent, or the command itself if this is missing. */
  readonly victim?: 'agent'
  /** How many turns this job has in one cycle of all jobs. */
  readonly weight: number
  readonly argv: (desk: TortureDesk, round: number) => readonly string[]
  /** The faults, given the stdout of the command: empty if all holds. */
  readonly findFaults: (desk: TortureDesk, round: number, shown: string, seen: Seen) => string[]
}

/** Invites the phones of a desk that is set up and unlocked. */
export async function invitePhones(machine: Machine): Promise<TortureDesk> {
  const confirmed = await inviteRealPhone(machine)
  const batched = await inviteRealPhone(machine, 'tim@example.ch')
  return { machine, confirmed, batched, blocked: await inviteRealPhone(machine, 'max@example.ch') }
}

const faultIf = (isFault: boolean, text: string): string[] => (isFault ? [text] : [])
const isOk = (entry: AuditEntry, action: string) => entry.action === action && entry.outcome === 'ok'

const confirm: Job = {
  name: 'reset confirm',
  weight: 3,
  argv: ({ confirmed }, round) => ['reset', 'confirm', confirmed.resetCode(round), '--verified-by', 'callback', '-q'],
  findFaults({ confirmed }, round, shown, { entries, devices }) {
    const isOwn = ({ subject, details }: AuditEntry) => subject?.id === confirmed.deviceId && details['epoch'] === round
    const onRecord = entries.filter((entry) => isOk(entry, 'reset.confirm') && isOwn(entry)).length
    const device = devices.find(({ deviceId }) => deviceId === confirmed.deviceId)
    return [
      ...faultIf(!['', `${confirmed.confirmationCode(round)}\n`].includes(shown), 'something else was shown'),
      ...faultIf(shown !== '' && onRecord === 0, 'a code was shown, and its entry is missing'),
      ...faultIf(onRecord > 1, 'it is on record twice'),
      ...faultIf((onRecord === 1) !== (device?.lastConfirmed?.epoch === round), 'the entry and the device disagree'),
    ]
  },
}

const IN_A_BATCH = 5
const epochsOf = (round: number): number[] => Array.from({ length: IN_A_BATCH }, (_, i) => round * IN_A_BATCH + i)

const batch: Job = {
  name: 'reset confirm --batch',
  weight: 2,
  argv({ machine, batched }, round) {
    const file = join(machine.home, 'codes.txt')
    writeFileSync(
      file,
      epochsOf(round)
        .map((epoch) => `${batched.resetCode(epoch)}\n`)
        .join(''),
    )
    return ['reset', 'confirm', '--batch', file, '--verified-by', 'manager', '-q']
  },
  findFaults({ batched }, round, shown, { entries, devices }) {
    const epochs = epochsOf(round)
    const isEntry = (entry: AuditEntry) =>
      isOk(entry, 'reset.confirm') &&
      entry.subject?.id === batched.deviceId &&
      epochs.includes(Number(entry.details['epoch']))
    const onRecord = entries.filter(isEntry).map(({ seq, details }) => `${seq} ${details['epoch']}`)
    const answers = shown.split('\n').filter((line) => line !== '')
    const parsed = answers.map((line) => JSON.parse(line) as Record<string, unknown>)
    const device = devices.find(({ deviceId }) => deviceId === batched.deviceId)
    const isLast = device?.lastConfirmed?.epoch === epochs.at(-1)
    return [
      ...faultIf(
        parsed.some(({ epoch, confirmationCode }) => confirmationCode !== batched.confirmationCode(Number(epoch))),
        'something else was shown',
      ),
      ...faultIf(
        parsed.some(({ auditSeq, epoch }) => !onRecord.includes(`${auditSeq} ${epoch}`)),
        'a code was shown, and its entry is missing',
      ),
      ...faultIf(![0, IN_A_BATCH].includes(onRecord.length), 'a part of the batch is on record'),
      ...faultIf(onRecord.length > 0 !== isLast, 'the entries and the device disagree'),
    ]
  },
}

const outcome: Job = {
  name: 'reset outcome',
  weight: 1,
  argv: ({ confirmed }, round) => [
    ...['reset', 'outcome', confirmed.deviceId, '--opened', '--ticket', `round ${round}`, '--json'],
  ],
  findFaults(_, round, shown, { entries }) {
    const isEntry = (entry: AuditEntry) => isOk(entry, 'reset.outcome') && entry.details['ticket'] === `round ${round}`
    const onRecord = entries.filter(isEntry).length
    return [
      ...faultIf(shown !== '' && onRecord === 0, 'an outcome was shown, and its entry is missing'),
      ...faultIf(onRecord > 1, 'it is on record twice'),
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
    // Verifying has already checked that every row opens under the newest keys, and none under two.
    if (shown === '') return []
    const { auditSeq, generation } = JSON.parse(shown)
    return [
      ...faultIf(onRecord.at(-1)?.seq !== auditSeq, 'new keys were announced, and their entry is missing'),
      ...faultIf(onRecord.length !== generation - 1, 'another number of keys than of entries'),
    ]
  },
}

const wordingOf = (round: number): string => `Subject: round ${round}\n\n{{confirmationCode}}`

const wording: Job = {
  name: 'mail template set',
  weight: 1,
  argv: ({ machine }, round) => {
    const file = machine.keep(`wording-${round}`, wordingOf(round))
    return ['mail', 'template', 'set', 'confirm', file, '--json']
  },
  findFaults(_, _round, shown, { entries }) {
    const onRecord = entries.filter((entry) => isOk(entry, 'mail.template'))
    return faultIf(
      shown !== '' && onRecord.at(-1)?.seq !== JSON.parse(shown).auditSeq,
      'a wording was announced, and its entry is missing',
    )
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

/** Whether SQLite's integrity check says `ok`, and the table of entries can be read. */
function isWhole(file: string): boolean {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    return (
      db.prepare('PRAGMA integrity_check').get()?.['integrity_check'] === 'ok' &&
      db.prepare('SELECT count(*) FROM entry').all().length === 1
    )
  } finally {
    db.close()
  }
}

const importFile = ({ machine }: TortureDesk, round: number): string => join(machine.home, `invitations-${round}.csv`)
const IMPORTED = 3
/** An enrolment code. A file must not hold one before its device is in the store. */
const CODE = /,[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}\r$/gm

const importing: Job = {
  name: 'device import',
  weight: 2,
  argv(desk, round) {
    const list = join(desk.machine.home, 'list.csv')
    const users = Array.from({ length: IMPORTED }, (_, i) => `import${round}@example.ch,phone ${i}\n`)
    writeFileSync(list, `user,name\n${users.join('')}`)
    return ['device', 'import', list, '--provisioning', importFile(desk, round), '--json']
  },
  findFaults(desk, round, shown, { entries, devices }) {
    const came = devices.filter(({ user }) => user === `import${round}@example.ch`)
    const answered = shown === '' ? null : entries.find(({ seq }) => seq === JSON.parse(shown).auditSeq)
    const file = importFile(desk, round)
    const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
    const [whole, part] = [read(file), read(`${file}.part`)]
    const codes = (whole + part).match(CODE)?.length ?? 0
    return [
      ...faultIf(![0, IMPORTED].includes(came.length), 'a part of the file came in'),
      ...faultIf(
        shown !== '' && answered?.action !== 'device.import',
        'an import was announced, and its entry is missing',
      ),
      ...faultIf(came.length === 0 && codes > 0, 'there are codes for devices that did not come in'),
      ...faultIf(
        shown !== '' && whole.match(CODE)?.length !== IMPORTED,
        'an import was announced, and its file is not whole',
      ),
      ...faultIf(
        came.some(({ deviceId }) => whole !== '' && !whole.includes(deviceId)),
        'the file is of other devices',
      ),
    ]
  },
}

export const JOBS: readonly Job[] = [
  confirm,
  { ...confirm, name: 'reset confirm, its agent killed', victim: 'agent', weight: 1 },
  batch,
  outcome,
  block,
  invite,
  importing,
  rekey,
  wording,
  backup,
]

/** The job of this round: the jobs take turns by weight. */
export function jobOfRound(jobs: readonly Job[], round: number): Job {
  const turns = jobs.flatMap((job) => Array.from({ length: job.weight }, () => job))
  return turns[round % turns.length] as Job
}
