/**
 * The rollback anchor in the workstation's config, one for each store id.
 * - An update reads and writes it under the config's lock, so a race between two processes cannot set an older one.
 * - Only `replaceAnchor` sets an older one, for a store that an admin accepted or restored.
 */
import type { Anchor } from '../desk/anchor.ts'
import type { AnchorPort } from '../store/chain-standing.ts'
import type { Workstation } from './config.ts'
import type { Places } from './places.ts'

type Random = (count: number) => Uint8Array

/** Imports conf late: only when the anchor is first read or kept. */
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

/**
 * Sets the anchor to any entry, even to an older one. Call it only after the audit log says that this older or other
 * store is the right one.
 */
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
