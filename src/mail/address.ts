/** An address that fits into a header unchanged: local part and domain are plain ASCII, and need no quotes. */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/

/** Returns the text if it is an address that fits into a header, else null. */
export const readAddress = (text: string): string | null => (ADDRESS.test(text) ? text : null)
