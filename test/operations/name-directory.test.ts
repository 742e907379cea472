/**
 * The agent's name directory.
 * - It finds the current content of the store, after any change.
 * - It does not open unchanged rows again.
 * - It throws for a damaged row, and does not skip it.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { decideBlock } from '../../src/desk/device/decide.ts'
import type { Device } from '../../src/desk/records/index.ts'
import { findDevices } from '../../src/operations/device-find.ts'
import { NameDirectory } from '../../src/operations/name-directory.ts'
import { type Desk, openDesk } from '../../src/store/desk.ts'
import { createMemoryDesk, inviteDevice, type MemoryDesk } from '../store/fixtures.ts'

let made: MemoryDesk
let directory: NameDirectory
/** The number of rows that were opened since the last reset of this counter. */
let opened = 0
let desk: Desk
beforeEach(async () => {
  made = await createMemoryDesk()
  for (const tag of [1, 2, 3]) await inviteDevice(made.desk, made.options.random, tag, { name: `phone ${tag}` })
  directory = new NameDirectory()
  desk = watched(made.desk)
  opened = 0
})

function watched(real: Desk): Desk {
  return {
    ...real,
    inspect: (work) =>
      real.inspect((inspection) => {
        const { sealer } = inspection
        const openListed: typeof sealer.openListed = (collection, row) => {
          opened++
          return sealer.openListed(collection, row)
        }
        return work({ ...inspection, sealer: { ...sealer, openListed } })
      }),
  }
}

const namesNow = async () => (await directory.devices(desk)).map(({ name, state }) => `${name} ${state}`)
async function block(tag: number): Promise<void> {
  await made.desk.commit(async (records, now) => {
    const device = (await records.deviceByTag(tag)) as Device
    return decideBlock(device, null, { now, operator: made.desk.me })
  })
}
const find = (search: string, limit = 10) =>
  findDevices.perform(desk, { filter: { search }, sort: 'name', limit }, directory)

describe('the name directory', () => {
  it('opens only the rows that were sealed since', async () => {
    expect(await namesNow()).toEqual(['phone 1 invited', 'phone 2 invited', 'phone 3 invited'])
    opened = 0
    await namesNow()
    expect(opened).toBe(0)
    await block(2)
    await inviteDevice(made.desk, made.options.random, 4, { name: 'phone 4', user: 'zoe@example.ch' })
    expect(await namesNow()).toEqual(['phone 1 invited', 'phone 2 blocked', 'phone 3 invited', 'phone 4 invited'])
    // The changed device, the new device, and the user of the new device.
    expect(opened).toBeLessThanOrEqual(3)
  })

  it('is read once for several requests at the same time', async () => {
    const asked = await Promise.all([namesNow(), namesNow(), find('phone')])
    expect(asked[0]).toEqual(asked[1])
    const once = opened
    directory = new NameDirectory()
    opened = 0
    await namesNow()
    expect(opened).toBe(once)
  })

  it('throws for a row that does not open, and finds the row again once it is restored', async () => {
    const row = made.store.state.rows.find(({ collection }) => collection === 'device')
    if (row === undefined) throw new Error('no device')
    const whole = row.listed
    Object.assign(row, { listed: Uint8Array.from(whole, (byte, i) => (i === 40 || i === 5 ? byte ^ 1 : byte)) })
    await expect(namesNow()).rejects.toThrow('does not verify')
    Object.assign(row, { listed: whole })
    expect(await namesNow()).toHaveLength(3)
  })

  it('sees a change that was made through another connection', async () => {
    await namesNow()
    const other = await openDesk(made.store.connect(), made.keys, made.options)
    await inviteDevice(other, made.options.random, 9, { name: 'new one' })
    expect((await find('new one')).devices.map(({ tag }) => tag)).toEqual([9])
  })
})

describe('device.find', () => {
  it('returns whole current records, and the number of further matches', async () => {
    const { devices, more, areClose } = await find('phone', 2)
    expect([devices.map(({ name }) => name), more, areClose]).toEqual([['phone 1', 'phone 2'], 1, false])
    expect(devices[0]).toEqual(await made.desk.read((records) => records.deviceByTag(1)))
  })

  it('returns close names if nothing matches', async () => {
    expect(await find('phome', 1)).toMatchObject({ areClose: true, more: 2 })
  })

  it.each([
    { filter: { search: 5 }, sort: null, limit: 1 },
    { filter: {}, sort: 'secret', limit: 1 },
    { filter: {}, sort: null, limit: 501 },
    { filter: {}, sort: null, limit: 0.5 },
    { filter: null, sort: null, limit: 1 },
    'x',
  ])('accepts no other request: %j', (request) => expect(findDevices.accepts(request)).toBe(false))
})
