/**
 * The agent's directory: what it finds is what the store holds now, however it was changed since; rows that did not change are not opened
 * again; and one that was damaged is not passed over.
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
/** How many rows were opened since it was last asked. */
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

describe('the directory', () => {
  it('opens what was sealed anew, and nothing else', async () => {
    expect(await namesNow()).toEqual(['phone 1 invited', 'phone 2 invited', 'phone 3 invited'])
    opened = 0
    await namesNow()
    expect(opened).toBe(0)
    await block(2)
    await inviteDevice(made.desk, made.options.random, 4, { name: 'phone 4', user: 'zoe@example.ch' })
    expect(await namesNow()).toEqual(['phone 1 invited', 'phone 2 blocked', 'phone 3 invited', 'phone 4 invited'])
    // The device that changed, the new one, and its user.
    expect(opened).toBeLessThanOrEqual(3)
  })

  it('is read once for many who ask at the same time', async () => {
    const asked = await Promise.all([namesNow(), namesNow(), find('phone')])
    expect(asked[0]).toEqual(asked[1])
    const once = opened
    directory = new NameDirectory()
    opened = 0
    await namesNow()
    expect(opened).toBe(once)
  })

  it('throws for a row that does not open, and finds it again once it is put back', async () => {
    const row = made.store.state.rows.find(({ collection }) => collection === 'device')
    if (row === undefined) throw new Error('no device')
    const whole = row.listed
    Object.assign(row, { listed: Uint8Array.from(whole, (byte, i) => (i === 40 || i === 5 ? byte ^ 1 : byte)) })
    await expect(namesNow()).rejects.toThrow('does not verify')
    Object.assign(row, { listed: whole })
    expect(await namesNow()).toHaveLength(3)
  })

  it('is of one desk as it stands for another operator’s changes, too', async () => {
    await namesNow()
    const other = await openDesk(made.store.connect(), made.keys, made.options)
    await inviteDevice(other, made.options.random, 9, { name: 'new one' })
    expect((await find('new one')).devices.map(({ tag }) => tag)).toEqual([9])
  })
})

describe('device.find', () => {
  it('answers whole records, as they are now, and how many more there are', async () => {
    const { devices, more, areClose } = await find('phone', 2)
    expect([devices.map(({ name }) => name), more, areClose]).toEqual([['phone 1', 'phone 2'], 1, false])
    expect(devices[0]).toEqual(await made.desk.read((records) => records.deviceByTag(1)))
  })

  it('answers what comes close where nothing matches', async () => {
    expect(await find('phome', 1)).toMatchObject({ areClose: true, more: 2 })
  })

  it.each([
    { filter: { search: 5 }, sort: null, limit: 1 },
    { filter: {}, sort: 'secret', limit: 1 },
    { filter: {}, sort: null, limit: 501 },
    { filter: {}, sort: null, limit: 0.5 },
    { filter: null, sort: null, limit: 1 },
    'x',
  ])('takes no other request: %j', (request) => expect(findDevices.accepts(request)).toBe(false))
})
