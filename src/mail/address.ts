/** Addresses that a header can hold as they are: local part and domain of plain ASCII, in no need of quotes. */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/

/** The text as an address, or null when it is none that a header could hold. */
export const readAddress = (text: string): string | null => (ADDRESS.test(text) ? text : null)
