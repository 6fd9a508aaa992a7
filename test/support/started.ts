/** Keeps track of the resources that a test file started, to end them after its tests. */

type Resource = Disposable | AsyncDisposable;

/** Ends the kept resources in reverse order. */
export class Started implements AsyncDisposable {
  readonly #all: Resource[] = [];

  keep<T extends Resource>(resource: T): T {
    this.#all.unshift(resource);
    return resource;
  }

  /** Ends a kept resource before the others. */
  async end(resource: Resource): Promise<void> {
    this.#all.splice(this.#all.indexOf(resource), 1);
    if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
    else resource[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of [...this.#all]) await this.end(resource);
  }
}
