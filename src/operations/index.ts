/** All operations, by the names of their commands. */
import { findDevices } from './device-find.ts'
import { completeNames } from './directory.ts'
import { readHealth } from './health.ts'
import { readMailWording } from './mail.ts'
import type { Operation } from './operation.ts'
import { redeemPin } from './pin.ts'
import { checkReset, confirmReset } from './reset.ts'
import { confirmBatch } from './reset-batch.ts'
import { verifyCaller } from './totp.ts'

export const OPERATIONS = {
  'reset.check': checkReset,
  'reset.confirm': confirmReset,
  'reset.confirm-batch': confirmBatch,
  'store.health': readHealth,
  'pin.redeem': redeemPin,
  'totp.verify': verifyCaller,
  'mail.wording': readMailWording,
  'directory.complete': completeNames,
  'device.find': findDevices,
}

type Operations = typeof OPERATIONS
export type OperationName = keyof Operations
export type RequestOf<N extends OperationName> = Operations[N] extends Operation<infer Q, infer _> ? Q : never
export type AnswerOf<N extends OperationName> = Operations[N] extends Operation<infer _, infer A> ? A : never
/** Performs an operation in the process that has the keys. Throws the refusal after it is in the audit log. */
export type Perform = <N extends OperationName>(name: N, request: RequestOf<N>) => Promise<AnswerOf<N>>
