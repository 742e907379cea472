/** Type guards for values from outside. They run before a value is trusted. This file imports nothing. */

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
export const isText = (value: unknown): value is string => typeof value === 'string'
export const isOptionalText = (value: unknown): value is string | undefined => value === undefined || isText(value)
export const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value)
/** A length of time: finite and not negative. */
export const isSpan = (value: unknown): value is number => Number.isFinite(value) && (value as number) >= 0
