/** Tests that the SQLite engine fulfils the contract of every engine. `file.test.ts` tests its file. */
import { join } from 'node:path'
import { createSqlite, openSqlite } from '../../../src/store/sqlite/open.ts'
import { filled } from '../../crypto/fixtures.ts'
import { createHome } from '../../fake-context.ts'
import { describeEngine } from '../engine-contract.ts'
import { uid } from '../fixtures.ts'

describeEngine('the SQLite engine', async () => {
  const path = join(createHome(), 'desk.keydesk')
  const storeId = filled(16, 7)
  await createSqlite(path, storeId, async () => undefined)
  return {
    storeId,
    connect: async (busyTimeoutMs) => openSqlite(path, { uid, busyTimeoutMs }),
    destroy: async () => undefined,
  }
})
