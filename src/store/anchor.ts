/**
 * The rollback anchor in the workstation's config, one for each store id. It is read and written under the config's lock, and never goes back by a race between
 * two processes: only `replaceAnchor` sets an older one, for a store that an admin accepted or restored.
 */
import type { Anchor } from '../desk/anchor.ts'
import type { Places } from './places.ts'
import type { AnchorPort } from './standing.ts'
import type { Workstation } from './workstation.ts'

type Random = (count: number) => Uint8Array

/** conf is loaded when the anchor is first asked for. */
export function openAnchor(places: Places, random: Random, storeId: string): AnchorPort {
  return {
    async read() {
      const { hasWorkstation } = await import('./workstation.ts')
      if (!hasWorkstation(places)) return null
      return (await open(places, random)).read().anchors[storeId] ?? null
    },
    async keep(anchor) {
      const workstation = await open(places, random)
      if (isBehind(workstation.read().anchors[storeId], anchor)) await write(workstation, storeId, anchor, isBehind)
    },
  }
}

/** Sets the anchor whatever it was. Only once it is on record that the older store, or the other one, is the right one. */
export async function replaceAnchor(places: Places, random: Random, storeId: string, anchor: Anchor): Promise<void> {
  await write(await open(places, random), storeId, anchor, () => true)
}

type Wanted = (before: Anchor | undefined, anchor: Anchor) => boolean

const isBehind: Wanted = (before, anchor) => before === undefined || before.seq < anchor.seq

async function open(places: Places, random: Random): Promise<Workstation> {
  return (await import('./workstation.ts')).openWorkstation(places, random)
}

/** Compared again under the lock: another process may have kept a newer one meanwhile. */
async function write(workstation: Workstation, storeId: string, anchor: Anchor, wanted: Wanted): Promise<void> {
  await workstation.update((config) => {
    const { anchors } = config
    return wanted(anchors[storeId], anchor) ? { ...config, anchors: { ...anchors, [storeId]: anchor } } : config
  })
}
