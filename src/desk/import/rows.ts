/** What an import is made of: one row for each line of the file, already read and checked, or what is wrong with the line. */
import type { HexId } from '../../crypto/bytes.ts'
import type { Platform, Registration } from '../records/index.ts'

/** A device as a line of a file has it; null for what the file does not say. */
export type DeviceRow = {
  readonly line: number
  /** As it was written, and as it is compared. */
  readonly user: string
  readonly owner: string
  readonly name: string | null
  readonly platform: Platform | null
  readonly model: string | null
  readonly osVersion: string | null
  readonly appVersion: string | null
  readonly registeredBy: Registration | null
  readonly pinAllowed: boolean | null
  /** What the device management calls it. */
  readonly managementId: string | null
  readonly deviceId: HexId | null
  readonly tag: number | null
  /** Of a device that is enrolled already; comes with its id and tag. */
  readonly secret: Uint8Array | null
}

/** Why a line is not imported. The message never holds what stood in a secret's cell. */
export type LineFault = {
  readonly line: number
  /** The column's title; null where it is about the line as a whole. */
  readonly column: string | null
  /** A stable word for scripts. */
  readonly reason: string
  readonly message: string
}

/** A user as a line has them. */
export type UserRow = {
  readonly line: number
  readonly user: string
  readonly owner: string
  /** What they are to be granted, or no longer; null for nothing said. */
  readonly roles: readonly string[] | null
}

/** So many refused lines are shown to a person. */
export const SHOWN_FAULTS = 20
