/**
 * The HTML of a mail: our words and foreign ones alike are escaped, nothing is loaded from anywhere, nothing runs, and no colour is set, so that it
 * reads in dark mode too. What the mail is about stands large, in its groups.
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

/** Paragraphs of HTML that is already escaped, and lines in them. */
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

/** On a line of its own; a group never breaks. */
export function renderLarge(value: string): string {
  if (value.length > LONGEST_LARGE) return `<div style="${LONG}">${escapeHtml(value)}</div>`
  const groups = value.split('-').map((group) => `<span style="white-space:nowrap">${escapeHtml(group)}</span>`)
  return `<div style="${LARGE}">${groups.join('-')}</div>`
}
