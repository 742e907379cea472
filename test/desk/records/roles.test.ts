/** The one table of roles: it has the message of each refusal, and no decision writes its own. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type RuledAction, refuseRole } from '../../../src/desk/records/roles.ts'
import { ADA, ANNA } from '../fixtures.ts'

const AUDITOR = { role: 'auditor' } as const

describe('refuseRole', () => {
  it.each<[RuledAction, string, string | undefined]>([
    ['user.remove', 'only an admin may remove a user', undefined],
    ['user.grant', 'only an admin may grant a role', undefined],
    ['user.revoke', 'only an admin may revoke a role', undefined],
    ['device.policy', 'only an admin may change policy', undefined],
    ['store.accept', 'only an admin may accept a store that is not the one last used here', undefined],
    ['store.restore', 'only an admin may restore a backup that gives up 3 newer entries', '3 newer entries'],
    ['totp.reset', 'only an admin may reset an authenticator app without a code of it', undefined],
  ])('%s: %s', (action, message, object) => {
    expect(refuseRole(action, ADA, object)).toBeNull()
    for (const other of [ANNA, AUDITOR])
      expect(refuseRole(action, other, object)).toMatchObject({ kind: 'refused', reason: 'needs-admin', message })
  })

  it('lets the helpdesk block devices, and refuses an auditor', () => {
    expect([refuseRole('device.block', ADA), refuseRole('device.block', ANNA)]).toEqual([null, null])
    expect(refuseRole('device.block', AUDITOR)).toEqual({
      kind: 'refused',
      reason: 'needs-helpdesk',
      message: 'an auditor may not block devices',
      hint: 'ask a colleague of the helpdesk, or an administrator',
    })
  })

  it('is the only source of "needs-admin", except for the operator’s own second factor', () => {
    const desk = join(import.meta.dirname, '../../../src/desk')
    const saying = globSync('**/*.ts', { cwd: desk }).filter((file) =>
      readFileSync(join(desk, file), 'utf8').includes("'needs-admin'"),
    )
    expect(saying.sort()).toEqual([join('records', 'roles.ts'), join('totp', 'refusals.ts')])
  })
})
