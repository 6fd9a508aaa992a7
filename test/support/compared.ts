/** Records how many reports a test compared with which chronyc, for the figures of `make test-versions`. */
import type { TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    compared?: { readonly version: string; readonly reports: number };
  }
}

export function tellCompared({ task }: TestContext, version: string, reports: number): void {
  task.meta.compared = { version, reports };
}
