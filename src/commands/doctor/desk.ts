/** Checks of the desk: files and their modes, agent, store, backup. Pure: facts in, checks out. */
import { type Check, fail, failBy, ok, warn } from './check.ts'
import type { Facts, StoreFacts } from './facts.ts'

const DAY_MS = 86_400_000
const BACKUP_DAYS = 7
/** Free space that a commit needs, besides the space for a copy of the store. */
const SPARE_BYTES = 16 * 2 ** 20
const MIB = 2 ** 20

export function checkDesk(facts: Facts): Check[] {
  const modes = facts.modes.map((refusal) => failBy('modes', refusal))
  return [
    ...(modes.length > 0 ? modes : checkOpenness(facts)),
    checkAgent(facts),
    ...checkStore(facts),
    ...checkSpace(facts),
    checkBackup(facts),
  ]
}

function checkOpenness({ readable }: Facts): Check[] {
  if (readable.length === 0) return [ok('modes', 'config, store and agent can be changed by you alone')]
  return readable.map(({ path, mend }) => warn('modes', `other users can look into ${path}`, mend))
}

function checkAgent({ agent, store, writeTime }: Facts): Check {
  if (agent.state === 'silent')
    return fail('agent', 'busy', 'something listens for the agent, and does not answer', agent.mend)
  if (agent.state === 'none') return ok('agent', 'none runs: nothing is unlocked')
  if (agent.state === 'other-version')
    return warn(
      'agent',
      'the agent is of another version, and does no work for this one',
      'keydesk lock && sleep 2 && keydesk unlock',
    )
  const here = agent.held.filter((held) => held.store === store?.path)
  const names = here.map(({ operator, expiresAt }) => `${operator} until ${writeTime(expiresAt)}`)
  return ok(
    'agent',
    names.length === 0 ? 'it runs; nothing is unlocked for this store' : `unlocked for ${names.join(', ')}`,
  )
}

function checkStore({ store, configRefusal, missing, modes }: Facts): Check[] {
  if (configRefusal !== null) return modes.length > 0 ? [] : [failBy('config', configRefusal)]
  // Reported already, for the variable that names the store.
  if (missing.includes('KEYDESK_STORE')) return []
  if (store === null) return [warn('store', 'no store is set up here yet', 'keydesk init --org NAME --operator NAME')]
  if (store.refusal !== null) return [failBy('store', store.refusal)]
  return [checkPlace(store), ok('record', describeRecord(store))]
}

function checkPlace({ path, network }: StoreFacts): Check {
  if (network === null) return ok('store', path)
  const message = `${path} is on a network share (${network}): its locks cannot be relied on`
  return warn('store', message, 'keydesk store backup FILE on a local disk, and --store FILE from then on')
}

function describeRecord({ entries, format, anchorSeq }: StoreFacts): string {
  const seen = anchorSeq === null ? 'it was never seen here before' : 'none that was seen here is missing'
  return `${entries} ${entries === 1 ? 'entry' : 'entries'}, format ${format}; ${seen}`
}

function checkSpace({ store }: Facts): Check[] {
  if (store === null || store.freeBytes === null) return []
  const needed = store.bytes + SPARE_BYTES
  const said = `${Math.floor(store.freeBytes / MIB)} MiB free, the store has ${(store.bytes / MIB).toFixed(1)} MiB`
  if (store.freeBytes >= needed) return [ok('space', said)]
  const mend = `free some space under ${store.path}`
  return [store.freeBytes < MIB ? fail('space', 'refused', said, mend) : warn('space', said, mend)]
}

function checkBackup({ health, now, store }: Facts): Check {
  if (store === null) return ok('backup', 'there is nothing to keep yet')
  if (health === null) return ok('backup', 'not known: the record takes keys')
  const mend = 'keydesk store backup FILE'
  if (health.backupAt === null) return warn('backup', 'the newest entries know of none', mend)
  const days = Math.floor((now - health.backupAt) / DAY_MS)
  const message = days < 1 ? 'less than a day old' : `${days} ${days === 1 ? 'day' : 'days'} old`
  return days > BACKUP_DAYS ? warn('backup', message, mend) : ok('backup', message)
}
