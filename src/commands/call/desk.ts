/**
 * Performs the effects of a call at the desk.
 * - Each effect is the operation or the decision of its single command, in one commit.
 * - A typed passphrase is cached for the following calls. It is forgotten after 15 minutes without an effect, as the
 *   agent would do.
 */
import { setImmediate as yieldToKeys } from 'node:timers/promises'
import { IDLE_SECONDS } from '../../agent/keys.ts'
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

const BETWEEN_KEYS = 1_000

export type CallDesk = {
  /** Finds the keys. Throws the same errors as any command, before the screen opens. */
  readonly open: () => Promise<void>
  /** Throws the refusal after the desk has committed its audit entry. */
  readonly perform: (effect: DeskEffect, state: CallState) => Promise<Answer>
}
/** The effects that the desk answers, and not the screen. */
export type DeskEffect = Exclude<Effect, { do: 'tell' | 'leave' }>

export function openCallDesk(context: Context, globals: DeskGlobals): CallDesk {
  const { clock } = context
  const session = openSession(context, globals, { forgetAfterMs: IDLE_SECONDS * 1000 })
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

/**
 * Performs an effect and returns its answer as an event. A refusal is an event too, because the call goes on after it.
 * Never rejects.
 */
export async function settle(desk: CallDesk, effect: DeskEffect, state: CallState): Promise<CallEvent> {
  try {
    // Yields to the event loop first: a slice of a search takes milliseconds without I/O, and pressed keys come first.
    if (effect.do === 'search') await yieldToKeys()
    return { kind: 'answer', answer: await desk.perform(effect, state) }
  } catch (error) {
    return { kind: 'refused', refusal: describeError(error) }
  }
}

/** All devices, sorted by name. They are read once, and the search then narrows them in memory. */
async function listByName(records: Records): Promise<Facts['device'][]> {
  const devices: Facts['device'][] = []
  for await (const device of records.devices()) {
    devices.push(device)
    // Yields regularly: 100,000 devices take seconds, and the screen must show typed text meanwhile.
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
