/**
 * The operator's passphrase: from a file, or asked for. A new one is typed twice; its rules are those of its slot, and
 * no more.
 */
import type { DeskGlobals } from '../console/globals.ts'
import { mayAsk, readSecretLine, refuseSharedStdin } from '../console/input.ts'
import type { Context } from '../context.ts'
import { encodeText } from '../crypto/bytes.ts'
import { KeydeskError } from '../errors.ts'

const FLAG = '--passphrase-file'
const NEW_FLAG = '--new-passphrase-file'
const VARIABLE = 'KEYDESK_PASSPHRASE_FILE'
const SHORTEST_BYTES = 8
const LONGEST_BYTES = 1024

/** A file that holds a secret, and the flag or variable that named it. */
export type SecretFile = { readonly file: string; readonly flag: string }

/** The file that a flag or the environment names; undefined for neither. */
export function passphraseFile({ env }: Context, globals: DeskGlobals): SecretFile | undefined {
  if (globals.passphraseFile !== undefined) return { file: globals.passphraseFile, flag: FLAG }
  const file = env[VARIABLE]
  return file ? { file, flag: VARIABLE } : undefined
}

/** Throws `locked` when there is no file and nobody to ask. */
export async function readPassphrase(context: Context, globals: DeskGlobals, operator: string): Promise<string> {
  const given = passphraseFile(context, globals)
  if (given !== undefined) return readSecretLine(context, given.file, given.flag)
  if (mayAsk(context, globals)) return context.prompt.secret(`Passphrase of ${operator}`)
  const hint = `keydesk unlock at a terminal, or ${FLAG} FILE`
  throw new KeydeskError('locked', 'locked', `${operator} is locked, and the passphrase is missing`, hint)
}

/**
 * From the file that was given, or asked for until it will do. Throws `usage` when it is too short or too long, or when there is nobody
 * to ask: then `flag` is what would have answered.
 */
export async function readNewPassphrase(
  context: Context,
  globals: DeskGlobals,
  given: SecretFile | undefined,
  flag = FLAG,
): Promise<string> {
  if (given !== undefined) {
    const passphrase = readSecretLine(context, given.file, given.flag)
    const fault = findFault(passphrase)
    if (fault === null) return passphrase
    throw new KeydeskError('usage', 'passphrase-length', fault, 'a few words that do not belong together are good')
  }
  if (mayAsk(context, globals)) return askTwice(context)
  throw new KeydeskError('usage', 'passphrase-missing', 'a new passphrase is needed', `give it by ${flag} FILE`)
}

/** Options of a command that needs a new passphrase beside the one that opens the desk. */
export type NewPassphraseOptions = DeskGlobals & { readonly newPassphraseFile?: string }

/** The new one; never the one that --passphrase-file names, for that is somebody's already. */
export function readAnotherPassphrase(context: Context, options: NewPassphraseOptions): Promise<string> {
  const file = options.newPassphraseFile
  refuseSharedStdin({ [NEW_FLAG]: file, [FLAG]: passphraseFile(context, options)?.file })
  return readNewPassphrase(context, options, file === undefined ? undefined : { file, flag: NEW_FLAG }, NEW_FLAG)
}

async function askTwice({ prompt, io }: Context): Promise<string> {
  for (;;) {
    const passphrase = await prompt.secret('New passphrase, a few words')
    const fault = findFault(passphrase)
    if (fault === null && (await prompt.secret('The same again')) === passphrase) return passphrase
    io.err(`${fault ?? 'the two were not the same'}; once more\n`)
  }
}

function findFault(passphrase: string): string | null {
  const bytes = encodeText(passphrase.normalize('NFC')).length
  if (bytes >= SHORTEST_BYTES && bytes <= LONGEST_BYTES) return null
  return `the passphrase must have ${SHORTEST_BYTES} to ${LONGEST_BYTES} bytes`
}
