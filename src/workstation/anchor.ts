/**
 * The rollback anchor in the workstation's config, one for each store id. It is read and written under the config's lock, and never goes back by a race between
 * two processes: only `replaceAnchor` sets an older one, for a store that an admin accepted or restored.
 */
import type { Anchor } from '../desk/anchor.ts'
import type { AnchorPort } from '../store/chain-standing.ts'
import type { Workstation } from './config.ts'
import type { Places } from './places.ts'

type Random = (count: number) => Uint8Array

/** conf is loaded when the anchor is first asked for. */
export function openAnchor(places: Places, random: Random, storeId: string): AnchorPort {
  return {
    async read() {
      const { hasWorkstation } = await import('./config.ts')
      if (!hasWorkstation(places)) return null
      return (await open(places, random)).read().anchors[storeId] ?? null
    },
    // Compared under the lock: another process may have kept a newer one meanwhile.
    keep: (anchor) => write(places, random, storeId, (before) => ((before?.seq ?? 0) < anchor.seq ? anchor : before)),
  }
}

/** Sets the anchor whatever it was. Only once it is on record that the older store, or the other one, is the right one. */
export async function replaceAnchor(places: Places, random: Random, storeId: string, anchor: Anchor): Promise<void> {
  await write(places, random, storeId, () => anchor)
}

type Choose = (before: Anchor | undefined) => Anchor | undefined

async function write(places: Places, random: Random, storeId: string, choose: Choose): Promise<void> {
  const workstation = await open(places, random)
  await workstation.update((config) => {
    const chosen = choose(config.anchors[storeId])
    return chosen === undefined ? config : { ...config, anchors: { ...config.anchors, [storeId]: chosen } }
  })
}

async function open(places: Places, random: Random): Promise<Workstation> {
  return (await import('./config.ts')).openWorkstation(places, random)
}
