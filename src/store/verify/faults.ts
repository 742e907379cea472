/** The faults that a verification finds: all are counted, and the first 20 are kept. */
export type StoreFault = { readonly what: string; readonly message: string }

const KEPT = 20

export class FaultList {
  readonly #kept: StoreFault[] = []
  count = 0

  /** `what` is a stable word that scripts can test. */
  add(what: string, message: string): void {
    this.count++
    if (this.#kept.length < KEPT) this.#kept.push({ what, message })
  }

  first(): readonly StoreFault[] {
    return this.#kept
  }
}
