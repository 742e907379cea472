/**
 * The form of this organisation's tickets: `INC#######|HD-*`.
 * It is no regular expression, because a typed one could run for ever. Here a ticket is read once from left to right,
 * and once from the right if the pattern has a `*`.
 */
const LONGEST = 100
const DIGIT = /^[0-9]$/
const LETTER = /^[A-Za-z]$/
const EITHER = /^[A-Za-z0-9]$/

export const TICKET_PATTERN_WORDS =
  '# is a digit, ? a letter, * (once) any letters and digits, | parts alternatives, and - _ . / : and spaces are themselves'

/** Whether the text is a pattern: not empty, only the characters above, and at most one `*` in each alternative. */
export function isTicketPattern(pattern: string): boolean {
  if (pattern.length > LONGEST || !/^[A-Za-z0-9#?*|_./: -]+$/.test(pattern)) return false
  return pattern.split('|').every((one) => one.trim() !== '' && one.split('*').length <= 2)
}

/** Upper and lower case are equal. */
export function matchesTicket(pattern: string, ticket: string): boolean {
  return pattern.split('|').some((one) => matchesOne(one.trim(), ticket))
}

function matchesOne(pattern: string, ticket: string): boolean {
  const [head = '', tail] = pattern.split('*')
  if (tail === undefined) return matchesAt(head, ticket)
  // A `*` stands for at least one character.
  if (ticket.length <= head.length + tail.length) return false
  const end = ticket.length - tail.length
  const middle = Array.from(ticket.slice(head.length, end))
  const ends = matchesAt(head, ticket.slice(0, head.length)) && matchesAt(tail, ticket.slice(end))
  return ends && middle.every((one) => EITHER.test(one))
}

/** Compares two texts of the same length: each character must fit the sign in its place. */
function matchesAt(pattern: string, text: string): boolean {
  if (pattern.length !== text.length) return false
  return Array.from(pattern).every((sign, i) => {
    const found = text.charAt(i)
    if (sign === '#') return DIGIT.test(found)
    if (sign === '?') return LETTER.test(found)
    return sign.toLowerCase() === found.toLowerCase()
  })
}
