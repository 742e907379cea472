/**
 * The rollback anchor that the agent keeps for each store.
 * - The agent compares a store with the newest entry that it has seen, and refuses an older store.
 * - The comparison works before the anchor is written to the config, and after it.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { AnchorKeeper } from '../../src/agent/anchor.ts'
import { openAnchor } from '../../src/workstation/anchor.ts'
import { openWorkstation } from '../../src/workstation/config.ts'
import {
  type Bench,
  createDesk,
  expectOk,
  invitePhone,
  openContext,
  PASSPHRASE,
  readJson,
  run,
  storeOf,
} from '../commands/bench.ts'

const ID = 'ab'.repeat(16)
const at = (seq: number) => ({ seq, hash: `${seq}`.padStart(64, '0') })

it('the agent refuses an older store at once, and a command with a passphrase refuses it 300 ms later', async () => {
  const bench = await createDesk()
  const phone = await invitePhone(bench)
  const before = readFileSync(storeOf(bench))
  await expectOk(bench, ['reset', 'confirm', phone.resetCode(), '--verified-by', 'callback'])
  const newest = (await readJson<{ seq: number }[]>(bench, ['audit', 'list'])).at(-1)?.seq
  writeFileSync(storeOf(bench), before)
  for (const argv of [
    ['reset', 'check', phone.resetCode()],
    ['reset', 'confirm', phone.resetCode(), '--verified-by', 'callback'],
    ['device', 'list'],
  ])
    expect(await run(bench, argv)).toMatchObject({ exit: 8, out: '', err: expect.stringContaining('older than when') })
  // The agent writes the anchor after it has answered.
  const { places, random } = openContext(bench)
  const written = async () => Object.values((await openWorkstation(places, random)).read().anchors)
  await expect.poll(written).toMatchObject([{ seq: newest }])
  const byPassphrase = await run(bench, ['device', 'list', '--passphrase-file', '-'], { input: `${PASSPHRASE}\n` })
  expect(byPassphrase).toMatchObject({ exit: 8 })
})

it('each of fifty earlier copies of a store is refused', async () => {
  const bench = await createDesk()
  const phone = await invitePhone(bench)
  const copies: Buffer[] = []
  for (let epoch = 0; epoch < 50; epoch++) {
    copies.push(readFileSync(storeOf(bench)))
    await expectOk(bench, ['reset', 'confirm', phone.resetCode(epoch), '--verified-by', 'callback'])
  }
  copyFileSync(storeOf(bench), `${storeOf(bench)}.newest`)
  const refused: number[] = []
  for (const copy of copies) {
    writeFileSync(storeOf(bench), copy)
    refused.push((await run(bench, ['reset', 'check', phone.resetCode(60)])).exit)
  }
  expect(refused).toEqual(copies.map(() => 8))
  copyFileSync(`${storeOf(bench)}.newest`, storeOf(bench))
  expect(await run(bench, ['reset', 'check', phone.resetCode(60)])).toMatchObject({ exit: 0 })
})

const keeperOf = (bench: Bench) => {
  const { places, random } = openContext(bench)
  return { keeper: new AnchorKeeper(places, random), conf: openAnchor(places, random, ID) }
}

it('an anchor that is kept can be read at once, and is in the config soon after', async () => {
  const { keeper, conf } = keeperOf(await createDesk())
  const port = keeper.of(ID)
  expect(await port.read()).toBeNull()
  await port.keep(at(5))
  await port.keep(at(4))
  expect(await port.read()).toEqual(at(5))
  await expect.poll(() => conf.read()).toEqual(at(5))
  expect(await port.read()).toEqual(at(5))
})

it('an anchor that another process wrote to the config is read again', async () => {
  const { keeper, conf } = keeperOf(await createDesk())
  const port = keeper.of(ID)
  await keeper.write(ID, at(1))
  expect(await port.read()).toEqual(at(1))
  await conf.keep(at(9))
  expect(await port.read()).toEqual(at(9))
})
