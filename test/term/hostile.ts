/**
 * Names for a phone, as an attacker, a careless import or a user of another script could write them.
 * `hostileText` draws from all UTF-16, lone surrogates included, and often from `HOSTILE`, which can harm a terminal.
 */
import fc from 'fast-check'

export const HOSTILE = [
  '\u001b[2J\u001b[H',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\',
  '\u001b]52;c;cm0gLXJmIC8=\u0007',
  '\u009b31m',
  '\u0090q\u009c',
  'anna\rroot',
  'line\nline',
  'tab\tbed',
  '\u0000',
  '\b\b\b\u007f',
  '\u202egnp.exe',
  '\u2066x\u2069',
  '\u200e\u200f\u061c',
  'a\u200bb\u200cc\u200dd\u2060e\ufefff',
  '\u2028\u2029\u0085',
  '\u00ad\u034f\u115f\u1160\u3164\uffa0\u2800',
  '\ufe0f\u{e0100}\u180b',
  '\u{e0041}\u{e007f}',
  '\ue000\u{f0000}',
  '\ud800',
  '\udc00\ud800',
  '\u0378\uffff\u{1fffe}',
  'Z̸̧̢̨̛̗̰̺͉̱̋̊̓̓͗a',
  '\u0301start',
  '=HYPERLINK("http://evil.example")',
  '+1;=2',
  '-2+3',
  '@SUM(1)',
  '＝1+1',
  '"quoted", and\r\nbroken',
  '漢字テスト한국어',
  '👩‍👩‍👧 👍🏽 🇩🇪',
  'לבן عربي',
]

const utf16 = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
  .map((units) => String.fromCharCode(...units))
const codePoints = fc.string({ unit: 'binary', maxLength: 30 })
const pieces = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 5 })), { maxLength: 6 })
  .map((list) => list.join(''))

export const hostileText: fc.Arbitrary<string> = fc.oneof(utf16, codePoints, pieces)
