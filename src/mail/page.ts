/**
 * The HTML of a mail.
 * - All text in it is escaped, our own and foreign text alike.
 * - It loads nothing and runs nothing.
 * - It sets no colour, so that it is readable in dark mode too.
 * - The value that the mail brings (a code, for example) is shown large and in its groups.
 */
const HEAD =
  '<meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">'
const BODY = 'font-family:sans-serif;font-size:16px;line-height:1.5;max-width:40em'
const LARGE = 'font-family:monospace;font-size:28px;font-weight:bold;letter-spacing:2px;margin:24px 0'
const LONG = 'font-family:monospace;font-size:14px;overflow-wrap:anywhere;word-break:break-all;margin:24px 0'
const LONGEST_LARGE = 24
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found] as string)

/**
 * Renders paragraphs of HTML that is already escaped. An empty line separates paragraphs, a line end becomes `<br>`.
 */
export function renderPage(language: string, title: string, body: string): string {
  const paragraphs = body
    .split(/\n{2,}/)
    .map((each) => (each.startsWith('<div ') ? each : `<p>${each.replaceAll('\n', '<br>\n')}</p>`))
  return `<!DOCTYPE html>
<html lang="${language}">
<head>${HEAD}<title>${escapeHtml(title)}</title></head>
<body style="${BODY}">
${paragraphs.join('\n')}
</body>
</html>`
}

/**
 * Renders a value on a line of its own. A value of up to 24 characters is large, and breaks only between its groups.
 */
export function renderLarge(value: string): string {
  if (value.length > LONGEST_LARGE) return `<div style="${LONG}">${escapeHtml(value)}</div>`
  const groups = value.split('-').map((group) => `<span style="white-space:nowrap">${escapeHtml(group)}</span>`)
  return `<div style="${LARGE}">${groups.join('-')}</div>`
}
