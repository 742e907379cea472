/**
 * The rollback anchor, kept by the agent.
 * - The agent caches the anchor, because the workstation's config is slow to read.
 * - It writes a new anchor into the config after the answer is out.
 * - If the agent is killed before that, the config keeps an anchor that is a little older and still valid.
 */
import { statSync } from 'node:fs'
import type { Anchor } from '../desk/anchor.ts'
import { isFields, isText } from '../guards.ts'
import type { AnchorPort } from '../store/chain-standing.ts'
import { openAnchor } from '../workstation/anchor.ts'
import { configFile } from '../workstation/config.ts'
import type { Places } from '../workstation/places.ts'
import { exchange } from './socket.ts'

export type AnchorRequest = { readonly op: 'anchor'; readonly storeId: string; readonly keep: Anchor | null }
export type AnchorReply = { readonly anchor: Anchor | null }

const ANSWER_WITHIN_MS = 2_000

/** The agent's anchor; `otherwise` if no agent answers. */
export function askAgentsAnchor(places: Places, storeId: string, otherwise: AnchorPort): AnchorPort {
  const ask = async (keep: Anchor | null): Promise<AnchorReply | null> => {
    const request: AnchorRequest = { op: 'anchor', storeId, keep }
    const heard = await exchange(places, request, isAnchorReply, ANSWER_WITHIN_MS)
    return typeof heard === 'string' ? null : heard.reply
  }
  return {
    async read() {
      const reply = await ask(null)
      return reply === null ? otherwise.read() : reply.anchor
    },
    async keep(anchor) {
      if ((await ask(anchor)) === null) await otherwise.keep(anchor)
    },
  }
}

/** The agent's own anchors, one for each store. The config is read again after another process has written it. */
export class AnchorKeeper {
  readonly #places: Places
  readonly #random: (count: number) => Uint8Array
  readonly #read = new Map<string, { readonly anchor: Anchor | null; readonly mark: string }>()
  readonly #unwritten = new Map<string, Anchor>()

  constructor(places: Places, random: (count: number) => Uint8Array) {
    this.#places = places
    this.#random = random
  }

  of(storeId: string): AnchorPort {
    return { read: () => this.#readAnchor(storeId), keep: (anchor) => this.#keepAnchor(storeId, anchor) }
  }

  async #readAnchor(storeId: string): Promise<Anchor | null> {
    const unwritten = this.#unwritten.get(storeId)
    if (unwritten !== undefined) return unwritten
    const mark = this.#mark()
    const known = this.#read.get(storeId)
    if (known?.mark === mark) return known.anchor
    const anchor = await this.#open(storeId).read()
    this.#read.set(storeId, { anchor, mark })
    return anchor
  }

  /** Resolves after the anchor is written, for a command that can report a failed write. */
  async write(storeId: string, anchor: Anchor): Promise<void> {
    await this.#open(storeId).keep(anchor)
    if ((this.#unwritten.get(storeId)?.seq ?? 0) <= anchor.seq) this.#unwritten.delete(storeId)
  }

  /** Caches the anchor at once. Writes it 5 ms later, so that the waiting command gets its answer first. */
  #keepAnchor(storeId: string, anchor: Anchor): void {
    const before = this.#unwritten.get(storeId)
    if (before !== undefined && before.seq >= anchor.seq) return
    this.#unwritten.set(storeId, anchor)
    setTimeout(() => void this.#writeLater(storeId, anchor), 5)
  }

  async #writeLater(storeId: string, anchor: Anchor): Promise<void> {
    if (this.#unwritten.get(storeId) !== anchor) return
    // No command waits for this error. The anchor stays cached, and the next commit brings a newer one.
    await this.write(storeId, anchor).catch(() => undefined)
  }

  #open(storeId: string): AnchorPort {
    return openAnchor(this.#places, this.#random, storeId)
  }

  /** Identifies one state of the config's file by inode and modification time; empty if there is no file. */
  #mark(): string {
    const stat = statSync(configFile(this.#places), { bigint: true, throwIfNoEntry: false })
    return stat === undefined ? '' : `${stat.ino} ${stat.mtimeNs}`
  }
}

export function isAnchorRequest(value: unknown): value is AnchorRequest {
  return isFields(value) && value['op'] === 'anchor' && isText(value['storeId']) && isAnchorOrNull(value['keep'])
}

function isAnchorReply(value: unknown): value is AnchorReply {
  return isFields(value) && isAnchorOrNull(value['anchor'])
}

function isAnchorOrNull(value: unknown): value is Anchor | null {
  return value === null || (isFields(value) && Number.isSafeInteger(value['seq']) && isText(value['hash']))
}
