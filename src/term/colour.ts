/**
 * Colours by meaning.
 * - Colour is never the only difference: a word, a mark or a place shows it too.
 * - The hues of theme `auto` have a contrast of about 4 : 1 or better on both black and white.
 * - Blue and orange are distinct for colour-blind people.
 * - chalk is imported only if there is something to colour.
 */
import type { Streams } from './streams.ts'

type Brush = (text: string) => string
type Environment = Readonly<Record<string, string | undefined>>

export type Paint = {
  readonly bold: Brush
  /** Text of less importance. */
  readonly dim: Brush
  readonly digit: Brush
  readonly letter: Brush
  readonly good: Brush
  readonly bad: Brush
  readonly warn: Brush
}

type Level = 0 | 1 | 2

/** `auto` is readable on any background. `mono` has only bold and dim. */
export const THEMES = ['auto', 'dark', 'light', 'mono'] as const
export type Theme = (typeof THEMES)[number]
type Meaning = 'letter' | 'digit' | 'good' | 'bad' | 'warn'
type Sixteen =
  | 'blue'
  | 'blueBright'
  | 'magenta'
  | 'magentaBright'
  | 'green'
  | 'greenBright'
  | 'red'
  | 'redBright'
  | 'yellow'

/**
 * Numbers of the 256-colour palette. `auto` has #5f5fff, #af5f00, #00875f and #d70000; the others are brighter or
 * darker.
 */
const HUES: Readonly<Record<Exclude<Theme, 'mono'>, Readonly<Record<Meaning, number>>>> = {
  auto: { letter: 63, digit: 130, good: 29, bad: 160, warn: 130 },
  dark: { letter: 111, digit: 215, good: 78, bad: 210, warn: 215 },
  light: { letter: 25, digit: 94, good: 22, bad: 124, warn: 94 },
}
/**
 * Names of the sixteen colours. `auto` has no yellow or white, which are invisible on light backgrounds, and no plain
 * blue, which is invisible on dark ones.
 */
const SIXTEEN: Readonly<Record<Exclude<Theme, 'mono'>, Readonly<Record<Meaning, Sixteen>>>> = {
  auto: { letter: 'blueBright', digit: 'magenta', good: 'green', bad: 'red', warn: 'magenta' },
  dark: { letter: 'blueBright', digit: 'yellow', good: 'greenBright', bad: 'redBright', warn: 'yellow' },
  light: { letter: 'blue', digit: 'magenta', good: 'green', bad: 'red', warn: 'magenta' },
}
const asItIs: Brush = (text) => text
export const NO_PAINT: Paint = {
  bold: asItIs,
  dim: asItIs,
  digit: asItIs,
  letter: asItIs,
  good: asItIs,
  bad: asItIs,
  warn: asItIs,
}

/** The brushes for one stream. Without colours they return the text unchanged. */
export async function paint(
  io: Streams,
  options: { readonly color?: boolean | undefined; readonly theme?: Theme | undefined },
  env: Environment,
  stream: 'stdout' | 'stderr' = 'stdout',
): Promise<Paint> {
  const isTerminal = stream === 'stdout' ? io.stdoutIsTerminal : io.stderrIsTerminal
  const level = options.color === false ? 0 : chooseLevel(isTerminal, env)
  if (level === 0) return NO_PAINT
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level })
  const { theme = 'auto' } = options
  const brush = (meaning: Meaning): Brush => {
    if (theme === 'mono') return chalk.bold
    return level === 1 ? chalk.bold[SIXTEEN[theme][meaning]] : chalk.bold.ansi256(HUES[theme][meaning])
  }
  return {
    bold: chalk.bold,
    dim: chalk.dim,
    digit: brush('digit'),
    letter: brush('letter'),
    good: brush('good'),
    bad: brush('bad'),
    warn: brush('warn'),
  }
}

/** 0: none, 1: sixteen colours, 2: a palette. FORCE_COLOR overrides NO_COLOR, as in Node and in gh. */
function chooseLevel(isTerminal: boolean, env: Environment): Level {
  const force = env['FORCE_COLOR']
  if (force !== undefined) return forcedLevel(force, env)
  if (env['NO_COLOR'] || env['TERM'] === 'dumb' || !isTerminal) return 0
  return terminalLevel(env)
}

/**
 * `0` and `false`: none. `1`: sixteen colours. Other values: a palette. Empty or `true`: what the terminal supports.
 */
function forcedLevel(force: string, env: Environment): Level {
  if (force === '0' || force === 'false') return 0
  if (force === '' || force === 'true') return terminalLevel(env)
  return force === '1' ? 1 : 2
}

function terminalLevel(env: Environment): Level {
  const term = `${env['TERM'] ?? ''} ${env['TERM_PROGRAM'] ?? ''}`
  const palette = /256|direct|kitty|ghostty|wezterm|alacritty|foot|iTerm|Apple_Terminal|vscode/i
  return palette.test(term) || env['COLORTERM'] !== undefined || env['OS'] === 'Windows_NT' ? 2 : 1
}
