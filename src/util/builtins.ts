/**
 * Modules of the runtime, got when a Unix socket is opened or a bounded clock is started: to import them takes half as long
 * as all of this package, and many programs only ask over UDP.
 */
export const nodeFs = (): typeof import('node:fs') => process.getBuiltinModule('node:fs');
export const nodeOs = (): typeof import('node:os') => process.getBuiltinModule('node:os');
export const nodePath = (): typeof import('node:path') => process.getBuiltinModule('node:path');
