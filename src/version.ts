/** The version of the package. A test compares it with package.json. */
export const VERSION = '0.1.0'
/** The oldest Node that keydesk runs on. A test compares it with package.json too. */
export const NEEDED_NODE = '24.15'
