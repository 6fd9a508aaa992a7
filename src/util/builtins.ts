/**
 * Modules of the runtime, got when a Unix socket is opened, a bounded clock is started or a fleet is watched: to import them takes half as long
 * as all of this package, and many programs only ask over UDP.
 */
export const nodeFs = (): typeof import('node:fs') => process.getBuiltinModule('node:fs');
export const nodeOs = (): typeof import('node:os') => process.getBuiltinModule('node:os');
export const nodePath = (): typeof import('node:path') => process.getBuiltinModule('node:path');
export const nodeUtil = (): typeof import('node:util') => process.getBuiltinModule('node:util');

type DiagnosticsChannel = typeof import('node:diagnostics_channel');
/** Undefined, or without `tracingChannel`, in a runtime that does not have it. */
export const nodeDiagnosticsChannel = (): Partial<DiagnosticsChannel> | undefined =>
  process.getBuiltinModule?.('node:diagnostics_channel');
