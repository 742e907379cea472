/**
 * Writes a man page for each program and each command of `keydesk`, from the texts of the help.
 * `keydesk-device` is one page: pages of its commands would have the names of those of `keydesk device`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, root } from '../runtime.mjs'

const ENVIRONMENT = {
  keydesk: [
    ['KEYDESK_STORE', 'the store, where --store names none'],
    ['KEYDESK_OPERATOR', 'the operator, where --operator names none'],
    ['KEYDESK_PASSPHRASE_FILE', 'a file with the passphrase, where --passphrase-file names none'],
    ['KEYDESK_SMTP_PASSWORD_FILE', 'a file with the mail server’s password, where --password-file names none'],
    [
      'XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_RUNTIME_DIR, XDG_CACHE_HOME',
      'where the files below are, if not at their usual places',
    ],
    ['NO_COLOR, FORCE_COLOR', 'no colours, or colours where there is no terminal'],
  ],
  'keydesk-device': [['NO_COLOR, FORCE_COLOR', 'no colours, or colours where there is no terminal']],
}
const FILES = {
  keydesk: [
    ['~/.local/share/keydesk/desk.keydesk', 'the desk: sealed records and the audit log'],
    ['~/.config/keydesk/', 'the workstation’s config, with your keys under your passphrase'],
    ['$XDG_RUNTIME_DIR/keydesk/agent.sock', 'the agent’s socket; /tmp/keydesk-UID/ where that is not set'],
    ['~/.cache/keydesk/compile/', 'compiled code, a file for each command; it may be deleted'],
  ],
  'keydesk-device': [['the directory of --state', 'the device: its state, and its encrypted settings']],
}

/** Escapes text for roff. */
const text = (words) =>
  words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(cq')
    .replace(/^([.'])/gm, '\\&$1')
const bold = (words) => `\\fB${text(words)}\\fR`
/** Wraps the source of a page at 64 columns. roff reads a line break as a space. */
const wrap = (words) => words.replace(/(.{1,64})(?:\s+|$)/g, '$1\n').trimEnd()
const filled = (words) => text(wrap(words))
const listed = (rows) => rows.flatMap(([term, said]) => ['.TP', term, filled(said)])
const section = (title, lines) => (lines.length === 0 ? [] : [`.SH ${title}`, ...lines])

const flagsOf = ({ flags }) =>
  flags.replace(/[^\s,<>[\]]+|[<[][^\]>]+[\]>]/g, (part) => (/^[<[]/.test(part) ? showValue(part) : bold(part)))
const showValue = (part) => {
  const shown = `\\fI${text(part.slice(1, -1))}\\fR`
  return part.startsWith('[') ? `[${shown}]` : shown
}
const saidOf = ({ description, choices, fallback }) =>
  [description, choices.length > 0 && `one of ${choices.join(', ')}`, fallback !== null && `${fallback} unless given`]
    .filter(Boolean)
    .join('; ')
const optionRows = ({ options }) => options.map((option) => [flagsOf(option), saidOf(option)])
const argumentText = ({ name, required, variadic }) => {
  const shown = `\\fI${text(name)}\\fR${variadic ? ' ...' : ''}`
  return required ? shown : `[${shown}]`
}
const argumentRows = (command) =>
  command.arguments
    .filter(({ description }) => description !== '')
    .map((each) => [argumentText(each), saidOf({ ...each, fallback: null })])

const usage = (words, { arguments: args, options, commands }) => {
  const mandatory = options.filter((option) => option.mandatory).map((option) => ` ${flagsOf(option)}`)
  const rest = commands.length > 0 ? ' \\fIcommand\\fR' : args.map((each) => ` ${argumentText(each)}`).join('')
  return `${bold(words)}${mandatory.join('')} [\\fIoptions\\fR]${rest}`
}

/** Splits the help text below the options: `Examples:` or `First steps:` begins the examples. Line breaks are kept. */
function readAfter(after) {
  const at = after.search(/^(Examples?|First steps):$/m)
  const [said, examples] = at === -1 ? [after, ''] : [after.slice(0, at), after.slice(at).replace(/^Examples?:\n/, '')]
  return { said: verbatim(said.trim()), examples: verbatim(examples.trimEnd()) }
}

const verbatim = (block) =>
  block === '' ? [] : ['.PP', '.nf', ...block.split('\n').map((line) => text(line) || '.sp'), '.fi']

/** The rows of the first table of docs/exit-codes.md. */
function exitRows() {
  const table = readFileSync(join(root, 'docs', 'exit-codes.md'), 'utf8')
  const rows = [...table.matchAll(/^\| (\d+) \| (\w+) \| (.+?) \| .+ \|$/gm)]
  return rows.map(([, code, name, meaning]) => [bold(code), `${name}: ${meaning.replaceAll('`', '')}`])
}

function writePage(program, words, command, { globals, parts, also }) {
  const title = words.replaceAll(' ', '-')
  const { said, examples } = readAfter(command.after)
  return [
    `.TH ${title.toUpperCase().replaceAll('-', '\\-')} 1 ${today()} "keydesk ${readJson(join(root, 'package.json')).version}" "keydesk"`,
    ...section('NAME', [filled(`${title} - ${command.description.replace(/\.$/, '')}`)]),
    ...section('SYNOPSIS', [usage(words, command)]),
    ...section('DESCRIPTION', [filled(capitalize(command.description)), ...said]),
    ...section('ARGUMENTS', listed(argumentRows(command))),
    ...section('OPTIONS', listed(optionRows(command))),
    ...section('GLOBAL OPTIONS', listed(globals)),
    ...parts,
    ...section('EXAMPLES', examples.slice(1)),
    ...section('EXIT STATUS', listed(exitRows())),
    ...section('ENVIRONMENT', listed(ENVIRONMENT[program].map(([name, said]) => [bold(name), said]))),
    ...section('FILES', listed(FILES[program].map(([name, said]) => [`\\fI${text(name)}\\fR`, said]))),
    ...section('SEE ALSO', also.length === 0 ? [] : [also.map((name) => `\\fB${text(name)}\\fR(1)`).join(', ')]),
    '',
  ].join('\n')
}

const capitalize = (words) => `${words[0].toUpperCase()}${words.slice(1).replace(/([^.])$/, '$1.')}`

/** The day of the build (UTC), or the day that SOURCE_DATE_EPOCH (seconds) gives. */
const today = () =>
  new Date(process.env.SOURCE_DATE_EPOCH ? process.env.SOURCE_DATE_EPOCH * 1000 : Date.now()).toISOString().slice(0, 10)

/** Every command below `command`, with the words that lead to it. */
const walk = (words, command) =>
  command.commands.flatMap((each) => [[`${words} ${each.name}`, each], ...walk(`${words} ${each.name}`, each)])

/** The pages of both programs, by file name. */
function describePages([keydesk, device]) {
  const all = walk('keydesk', keydesk)
  const globals = optionRows({ options: keydesk.options.filter(({ names }) => !names.includes('--help')) })
  // `keydesk device` has no page: its name belongs to the page of `keydesk-device`.
  const own = all.filter(([words]) => words !== 'keydesk device')
  const pageName = (words) => words.replaceAll(' ', '-')
  const pages = own.map(([words, command]) => {
    const below = walk(words, command).map(([each]) => pageName(each))
    const parts = section('COMMANDS', listed(commandRows(words, command)))
    return [words, command, { globals, parts, also: ['keydesk', ...below] }]
  })
  const overview = section('COMMANDS', listed(all.filter(([, { commands }]) => commands.length === 0).map(rowOf)))
  pages.push([
    'keydesk',
    keydesk,
    { globals: [], parts: overview, also: ['keydesk-device', ...own.map(([words]) => pageName(words))] },
  ])
  const parts = device.commands.flatMap((command) => [
    `.SH ${text(command.name).toUpperCase()}`,
    usage(`keydesk-device ${command.name}`, command),
    '.PP',
    filled(capitalize(command.description)),
    ...listed([...argumentRows(command), ...optionRows(command)]),
    ...readAfter(command.after).said,
    ...readAfter(command.after).examples,
  ])
  const devices = all.filter(([words]) => words.startsWith('keydesk device ')).map(([words]) => pageName(words))
  pages.push(['keydesk-device', device, { globals: [], parts, also: ['keydesk', ...devices] }])
  return new Map(
    pages.map(([words, command, rest]) => [
      `${pageName(words)}.1`,
      writePage(words === 'keydesk-device' ? words : 'keydesk', words, command, rest),
    ]),
  )
}

const rowOf = ([words, { description }]) => [bold(words), description]
const commandRows = (words, { commands }) => commands.map((each) => rowOf([`${words} ${each.name}`, each]))

export function writePages(programs, folder) {
  mkdirSync(folder, { recursive: true })
  for (const [name, page] of describePages(programs)) writeFileSync(join(folder, name), page)
}
