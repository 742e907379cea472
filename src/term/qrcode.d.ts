/** What is used of qrcode. Its published types speak of a browser's canvas, which this project's compiler does not know. */
declare module 'qrcode' {
  type Options = { readonly errorCorrectionLevel: 'L' | 'M' | 'Q' | 'H'; readonly margin: number }
  export function toBuffer(
    text: string,
    options: Options & { readonly type: 'png'; readonly scale: number },
  ): Promise<Uint8Array>
  function drawText(text: string, options: Options & { readonly type: 'svg' }): Promise<string>

  export { drawText as toString }
}
