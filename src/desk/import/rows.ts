/** The rows of an import. Each line of the file gives one row, already read and checked, or one fault. */
import type { HexId } from '../../crypto/bytes.ts'
import type { Platform, Registration } from '../records/index.ts'

/** A device as a line of the file describes it. Null means that the file says nothing. */
export type DeviceRow = {
  readonly line: number
  /** The user as written. `owner` is the normalized name. */
  readonly user: string
  readonly owner: string
  readonly name: string | null
  readonly platform: Platform | null
  readonly model: string | null
  readonly osVersion: string | null
  readonly appVersion: string | null
  readonly registeredBy: Registration | null
  readonly pinAllowed: boolean | null
  /** The device management's id of the device. */
  readonly managementId: string | null
  readonly deviceId: HexId | null
  readonly tag: number | null
  /** The secret of a device that is enrolled already. Its id and tag come with it. */
  readonly secret: Uint8Array | null
}

/** Why a line is not imported. The message never holds the content of a secret's cell. */
export type LineFault = {
  readonly line: number
  /** The column's title; null if the fault is about the line as a whole. */
  readonly column: string | null
  /** A stable word for scripts. */
  readonly reason: string
  readonly message: string
}

/** A user as a line describes them. */
export type UserRow = {
  readonly line: number
  readonly user: string
  readonly owner: string
  /** The roles of the user from now on; null leaves them as they are. */
  readonly roles: readonly string[] | null
}

/** At most this many refused lines are shown to a person. */
export const SHOWN_FAULTS = 20
