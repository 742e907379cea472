/** Operators: who may act at the desk, and that they came and went. */
import { allow, type Change, type Circumstances, type Decision } from './decision.ts'
import { type Operator, type Organisation, operatorSubject } from './records.ts'

/** The first state of a desk: its organisation and its first admin. */
export function decideInit(organisation: string, { now, operator }: Circumstances): Decision<Organisation> {
  const record: Organisation = { name: organisation, createdAt: now }
  const changes: Change[] = [
    { put: 'organisation', record },
    { put: 'operator', record: operator },
  ]
  return allow({ action: 'store.init', subject: operatorSubject(operator), details: { organisation } }, changes, record)
}

/** That an operator unlocked their keys, and for how long. */
export function decideUnlock(limitSeconds: number, { operator }: Circumstances): Decision<Operator> {
  return allow(
    { action: 'operator.unlock', subject: operatorSubject(operator), details: { limitSeconds } },
    [],
    operator,
  )
}
