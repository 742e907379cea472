/**
 * Types for the parts of qrcode that keydesk uses. Its published types need the canvas of a browser, which this
 * project's compiler does not know.
 */
declare module 'qrcode' {
  type Options = { readonly errorCorrectionLevel: 'L' | 'M' | 'Q' | 'H'; readonly margin: number }
  export function toBuffer(
    text: string,
    options: Options & { readonly type: 'png'; readonly scale: number },
  ): Promise<Uint8Array>
  function drawText(text: string, options: Options & { readonly type: 'svg' }): Promise<string>

  export { drawText as toString }
}
