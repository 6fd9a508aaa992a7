#!/usr/bin/env node
/**
 * Starts the command line, whose code the runtime keeps compiled between runs. A file of its own, since a file is
 * compiled before the first of its lines can ask for that.
 */
import { accessSync, constants, statSync } from 'node:fs';

/** Node.js 22 could do it, too, but loads as much for it as it saves. */
const FIRST_NODE = 24;

/**
 * Where the compiled code may lie: in the user's folder for caches, if there is one. Not in the temporary folder, as Node.js
 * has it by default: what others could put there would be run.
 */
function cacheFolder(): string | null {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const caches = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  if (!caches || process.getuid === undefined) return null;
  try {
    // root runs no code from the folder of another user, who may have started it
    if (statSync(caches).uid !== process.getuid()) return null;
    accessSync(caches, constants.W_OK);
    return `${caches}/chrony-wasm`;
  } catch {
    return null;
  }
}

const folder = Number.parseInt(process.versions.node, 10) >= FIRST_NODE ? cacheFolder() : null;
if (folder !== null) {
  const { enableCompileCache } = process.getBuiltinModule('node:module') as {
    enableCompileCache?: (folder: string) => unknown;
  };
  enableCompileCache?.(folder);
}
require('./command.cjs');
