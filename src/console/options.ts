/**
 * Options with a list of values, with a number, or that exclude each other. Errors come before the command does
 * anything.
 */
import { InvalidArgumentError, Option } from 'commander'
import { KeydeskError } from '../errors.ts'

/** The help text of an argument DEVICE, the same in every command. */
export const DEVICE_WORDS = 'its id, its tag, or a part of its name or user'

export function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values)
}

export function parseCount(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count
  throw new InvalidArgumentError('A number from 1 on is expected.')
}

/** Throws `usage` if more than one of these flags was given. */
export function refuseTogether(options: Readonly<Record<string, unknown>>, ...names: readonly string[]): void {
  const given = names.filter((name) => options[name] === true).map((name) => `--${name}`)
  if (given.length > 1) throw new KeydeskError('usage', 'options-exclude', `${given.join(' and ')} exclude each other`)
}
