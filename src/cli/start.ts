#!/usr/bin/env node
/**
 * Enables the runtime's cache of compiled code, and starts the command line. It is a separate file because the cache
 * applies only to files that are loaded after it is enabled.
 */
import { accessSync, constants, statSync } from 'node:fs';

/** In Node.js 22, loading the module for the cache takes as long as the cache saves. */
const FIRST_NODE = 24;

/**
 * Returns the folder for compiled code, in the user's cache folder; null if there is none. The default of Node.js, the
 * temporary folder, is not safe: other users could put code there, and it would be run.
 */
function cacheFolder(): string | null {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const caches = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  if (!caches || process.getuid === undefined) return null;
  try {
    // root must not run code from the folder of another user: HOME may still be that user's, e.g. after sudo
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
