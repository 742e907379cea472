/** The options that every command takes, with the names that commander gives them. */

/** Options of every command of both programs. */
export type GlobalOptions = {
  readonly json?: boolean
  readonly quiet?: boolean
  /** false with --no-input: never ask. */
  readonly input: boolean
  /** false with --no-color. */
  readonly color: boolean
}

/** Options of every `keydesk` command. */
export type DeskGlobals = GlobalOptions & {
  readonly store?: string
  readonly operator?: string
  readonly passphraseFile?: string
}
