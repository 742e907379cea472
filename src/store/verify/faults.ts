/** What a verification finds wrong: all of it is counted, and the first of it kept. */
export type StoreFault = { readonly what: string; readonly message: string }

const KEPT = 20

export class FaultList {
  readonly #kept: StoreFault[] = []
  count = 0

  /** `what` is a stable word for scripts. */
  add(what: string, message: string): void {
    this.count++
    if (this.#kept.length < KEPT) this.#kept.push({ what, message })
  }

  first(): readonly StoreFault[] {
    return this.#kept
  }
}
