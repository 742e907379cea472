/**
 * `keydesk operator`: the commands that add, list, change and remove operators. An operator joins by a request and its
 * answer, or in one dialogue at this workstation.
 */
import { type Command, Option } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { choice } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { ROLES } from '../../desk/records/roles.ts'
import type { NewPassphraseOptions } from '../../session/passphrase.ts'
import { type AddOptions, addOperator } from './add.ts'
import { type ChangeOptions, changeRole, removeOperator } from './change.ts'
import { type AcceptOptions, acceptWelcome, type RequestOptions, requestJoin } from './join.ts'
import { listOperators } from './list.ts'
import { changePassphrase } from './passphrase.ts'
import { registerTrust } from './trust.ts'

const NEW_FILE = ['--new-passphrase-file <file>', 'read the new passphrase from a file, - is stdin'] as const

export function registerOperator(noun: Command, context: Context): void {
  registerJoining(noun, context)
  const list = noun.command('list').description('list the operators, those who left too')
  list
    .addHelpText('after', '\nExample:\n  keydesk operator list')
    .action(() => listOperators(context, list.optsWithGlobals<DeskGlobals>()))
  const role = noun
    .command('role')
    .argument('<name>', 'the operator')
    .argument('<role>', `what they may from now on: ${ROLES.join(', ')}`)
    .description('give somebody another role (admin)')
  role
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  keydesk operator role bob auditor --yes')
    .action((name: string, to: string) => changeRole(context, role.optsWithGlobals<ChangeOptions>(), name, to))
  const remove = noun
    .command('remove')
    .argument('<name>', 'the operator')
    .description('end somebody’s rights, and draw new keys (admin)')
  remove
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  keydesk operator remove bob --yes')
    .action((name: string) => removeOperator(context, remove.optsWithGlobals<ChangeOptions>(), name))
  const passphrase = noun.command('passphrase').description('change your own passphrase at this workstation')
  passphrase
    .option(...NEW_FILE)
    .addHelpText('after', '\nExample:\n  keydesk operator passphrase')
    .action(() => changePassphrase(context, passphrase.optsWithGlobals<NewPassphraseOptions>()))
  registerTrust(noun, context)
}

const ADD_HELP = `
Without REQUEST the newcomer types a passphrase here, at this workstation.
With one they do so at their own. There bob says

  keydesk operator request --operator bob --out bob.join

then an admin, who hears bob say the six words,

  keydesk operator add bob.join --role helpdesk > bob.welcome

and bob again

  keydesk operator accept bob.welcome --store PATH

Example:
  keydesk operator add --name bob --role helpdesk`

function registerJoining(noun: Command, context: Context): void {
  const add = noun
    .command('add')
    .argument('[request]', 'what they sent, or the file that it is in')
    .description('add an operator (admin)')
  add
    .addOption(choice('--role <role>', 'what they may', ROLES).makeOptionMandatory())
    .addOption(new Option('--name <name>', 'their name, without a request'))
    .option(...NEW_FILE)
    .option('--fingerprint <words>', 'the six words that the newcomer said, for scripts')
    .addHelpText('after', ADD_HELP)
    .action((request: string | undefined) => addOperator(context, add.optsWithGlobals<AddOptions>(), request))
  const request = noun.command('request').description('ask to be added, from a workstation of your own')
  request
    .option('--out <file>', 'write the request to a file')
    .addHelpText('after', '\nExample:\n  keydesk operator request --operator bob --out bob.join')
    .action(() => requestJoin(context, request.optsWithGlobals<RequestOptions>()))
  const accept = noun
    .command('accept')
    .argument('<welcome>', 'what the admin sent, or the file that it is in')
    .description('take the answer to your request')
  accept
    .option('--fingerprint <words>', 'the six words that the admin said, for scripts')
    .addHelpText('after', '\nExample:\n  keydesk operator accept bob.welcome --store /srv/desk.keydesk')
    .action((welcome: string) => acceptWelcome(context, accept.optsWithGlobals<AcceptOptions>(), welcome))
}
