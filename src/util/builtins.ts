/**
 * Built-in modules that are loaded only when they are needed: to open a Unix socket, start a bounded clock or watch a
 * fleet. Importing them takes half as long as importing this package, and many programs only use UDP.
 */
export const nodeFs = (): typeof import('node:fs') => process.getBuiltinModule('node:fs');
export const nodeOs = (): typeof import('node:os') => process.getBuiltinModule('node:os');
export const nodePath = (): typeof import('node:path') => process.getBuiltinModule('node:path');
export const nodeUtil = (): typeof import('node:util') => process.getBuiltinModule('node:util');

type DiagnosticsChannel = typeof import('node:diagnostics_channel');
/** Undefined if the runtime does not have the module; some runtimes have it without `tracingChannel`. */
export const nodeDiagnosticsChannel = (): Partial<DiagnosticsChannel> | undefined =>
  process.getBuiltinModule?.('node:diagnostics_channel');
