/**
 * What a call asks the desk: each effect is the operation or the decision of its single command, in one commit. A passphrase that had to
 * be typed serves the calls that follow, and is forgotten when nothing was asked for as long as the agent would keep it.
 */
import { setImmediate as yieldToKeys } from 'node:timers/promises'
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import { describeError, KeydeskError } from '../../errors.ts'
import { openSession } from '../../session/open.ts'
import type { Desk } from '../../store/desk.ts'
import type { Records } from '../../store/records.ts'
import { recordOutcome } from '../reset/outcome.ts'
import type { Answer, CallEvent, Effect } from './effect.ts'
import type { Facts } from './facts.ts'
import type { CallState } from './state.ts'
import { continueSearch } from './steps/search.ts'

const IDLE_MS = 900_000
const BETWEEN_KEYS = 1_000

export type CallDesk = {
  /** Finds the keys: throws what any command would, before there is a screen. */
  readonly open: () => Promise<void>
  /** Throws the refusal, once it is on record. */
  readonly perform: (effect: DeskEffect, state: CallState) => Promise<Answer>
}
/** What is the desk's to answer, and not the screen's. */
export type DeskEffect = Exclude<Effect, { do: 'tell' | 'leave' }>

export function openCallDesk(context: Context, globals: DeskGlobals): CallDesk {
  const { clock } = context
  const session = openSession(context, globals, { forgetAfterMs: IDLE_MS })
  const atDesk = session.withDesk
  return {
    open: session.findKeys,
    async perform(effect, state): Promise<Answer> {
      if (effect.do === 'load') return { to: 'load', devices: await atDesk((desk) => desk.read(listByName)) }
      if (effect.do === 'search') return { to: 'search', search: continueSearch(state.search, state.devices ?? []) }
      if (effect.do === 'look')
        return { to: 'look', facts: await atDesk((desk) => look(desk, effect.deviceId, clock())) }
      if (effect.do === 'check')
        return {
          to: 'check',
          answer: await session.perform('reset.check', { heard: effect.heard, device: effect.device }),
        }
      if (effect.do === 'totp')
        return {
          to: 'totp',
          stepsOff: (await session.perform('totp.verify', { user: effect.user, code: effect.code })).answer.stepsOff,
        }
      if (effect.do === 'pin') {
        const { user, device, pin } = effect
        const { answer } = await session.perform('pin.redeem', { user, device, pin })
        return { to: 'pin', delivered: answer.delivered }
      }
      if (effect.do === 'confirm') return { to: 'confirm', ...(await session.perform('reset.confirm', effect.request)) }
      const { device, result, ticket } = effect
      return { to: 'outcome', ...(await atDesk((desk) => recordOutcome(desk, device, { result, ticket }))) }
    },
  }
}

/** Performs an effect and makes an event of its answer. A refusal is an event too: the call goes on with it. Never rejects. */
export async function settle(desk: CallDesk, effect: DeskEffect, state: CallState): Promise<CallEvent> {
  try {
    // A slice of a search takes milliseconds and waits for nothing: keys that were pressed meanwhile come first.
    if (effect.do === 'search') await yieldToKeys()
    return { kind: 'answer', answer: await desk.perform(effect, state) }
  } catch (error) {
    return { kind: 'refused', refusal: describeError(error) }
  }
}

/** All of them, by name: read once, and narrowed in memory. */
async function listByName(records: Records): Promise<Facts['device'][]> {
  const devices: Facts['device'][] = []
  for await (const device of records.devices()) {
    devices.push(device)
    // A hundred thousand take seconds: what is typed meanwhile is taken, and shown.
    if (devices.length % BETWEEN_KEYS === 0) await yieldToKeys()
  }
  return devices.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.tag - b.tag))
}

function look(desk: Desk, deviceId: string, at: number): Promise<Facts> {
  return desk.read(async (records) => {
    const device = await records.device(deviceId)
    if (device === null) throw new KeydeskError('notfound', 'no-device', 'the device is gone')
    const by = device.lastConfirmed === null ? null : await records.operator(device.lastConfirmed.operator)
    const user = await records.user(device.user)
    const account = user === null ? null : await records.totpAccount(user.userId)
    const { policy } = records
    const app = { app: account?.state ?? 'none', appVerifiedAt: account?.verifiedAt ?? null } as const
    return { device, confirmedBy: by?.name ?? null, ...app, policy, role: desk.me.role, at }
  })
}
