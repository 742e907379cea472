/** The version of the package; a test holds it to package.json. */
export const VERSION = '0.1.0'
/** The oldest Node that will do; a test holds it to package.json too. */
export const NEEDED_NODE = '24.15'
