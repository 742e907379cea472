/** The fields of a checked or confirmed code as scripts find them: the same for one code, and on each line of a batch. */
import type { HeardCode } from '../desk/heard.ts'
import type { ConfirmAnswer } from '../desk/reset.ts'
import type { ConfirmByName } from '../operations/reset.ts'

/** Whether the code that was answered is the one that was typed. */
export function correctionJson({ corrections, code }: HeardCode) {
  return { corrected: corrections.length > 0, resetCode: code }
}

type Confirmed = Omit<ConfirmAnswer, 'device' | 'warnUnverified'>
type Of = Pick<ConfirmAnswer['device'], 'deviceId' | 'tag' | 'user'>
type Asked = Pick<ConfirmByName, 'heard' | 'verifiedBy' | 'ticket'>

export function confirmationJson(
  { heard, verifiedBy, ticket }: Asked,
  { deviceId, tag, user }: Of,
  { confirmationCode, epoch, standing, stepsOff, deskWords }: Confirmed,
  auditSeq: number,
) {
  const asked = { confirmationCode, deviceId, tag, epoch, user, verifiedBy, ticket, auditSeq }
  return { ...asked, repeated: standing === 'repeat', ...correctionJson(heard), stepsOff, deskWords }
}
