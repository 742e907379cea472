/**
 * A QR code as a picture, PNG or SVG: black on white, with the quiet zone of four modules that the standard requires.
 */
export const QR_FORMATS = ['png', 'svg'] as const
type QrFormat = (typeof QR_FORMATS)[number]

/** The format by the ending of the file name. */
export const formatOf = (path: string): QrFormat => (path.toLowerCase().endsWith('.svg') ? 'svg' : 'png')

/** Medium error correction, because a picture may be printed, folded and photographed. */
const OPTIONS = { errorCorrectionLevel: 'M', margin: 4 } as const
const PIXELS_A_MODULE = 8

export async function drawQrFile(text: string, format: QrFormat): Promise<Uint8Array> {
  const library = await import('qrcode')
  if (format === 'png')
    return new Uint8Array(await library.toBuffer(text, { ...OPTIONS, type: 'png', scale: PIXELS_A_MODULE }))
  return new TextEncoder().encode(await library.toString(text, { ...OPTIONS, type: 'svg' }))
}
