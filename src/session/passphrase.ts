/**
 * Reads the operator's passphrase from a file, or asks for it. A new one is typed twice. Its only rule is the length
 * that slots allow (§4).
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

/** A file that holds a secret, and the flag or variable that names it. */
export type SecretFile = { readonly file: string; readonly flag: string }

/** The file that the flag or the environment names. Undefined if neither does. */
export function passphraseFile({ env }: Context, globals: DeskGlobals): SecretFile | undefined {
  if (globals.passphraseFile !== undefined) return { file: globals.passphraseFile, flag: FLAG }
  const file = env[VARIABLE]
  return file ? { file, flag: VARIABLE } : undefined
}

/** Throws `locked` if there is no file and no terminal to ask at. */
export async function readPassphrase(context: Context, globals: DeskGlobals, operator: string): Promise<string> {
  const given = passphraseFile(context, globals)
  if (given !== undefined) return readSecretLine(context, given.file, given.flag)
  if (mayAsk(context, globals)) return context.prompt.secret(`Passphrase of ${operator}`)
  const hint = `keydesk unlock at a terminal, or ${FLAG} FILE`
  throw new KeydeskError('locked', 'locked', `${operator} is locked, and the passphrase is missing`, hint)
}

/**
 * A new passphrase, from the given file or asked for until its length is right. Throws `usage` for a wrong length in
 * the file. Throws `usage` without a terminal, and names `flag` as the way to give it.
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

/** Options of a command that takes a new passphrase besides the one that opens the desk. */
export type NewPassphraseOptions = DeskGlobals & { readonly newPassphraseFile?: string }

/** Reads the new passphrase. --passphrase-file is not used for it, because that file holds a present passphrase. */
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
