/** Tests that the engine in memory, which other tests use, fulfils the contract of every engine. */
import { filled } from '../crypto/fixtures.ts'
import { describeEngine } from './engine-contract.ts'
import { MemoryStore } from './memory-engine.ts'

describeEngine('the engine in memory', async () => {
  const store = new MemoryStore(filled(16, 7))
  return {
    storeId: store.state.storeId,
    connect: async (busyMs) => store.connect(busyMs),
    destroy: async () => undefined,
  }
})
