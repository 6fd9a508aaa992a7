/** Selects this runtime's interface to the C library. Nothing is loaded before a Unix socket is opened. */
import { isExhaustion } from '../system-error.ts';
import { bunFfi } from './bun-ffi.ts';
import { denoAllowsFfi, denoFfi } from './deno-ffi.ts';
import { isRuntimeDenial, noBackend } from './errors.ts';
import { koffiCommand } from './install-advice.ts';
import { koffi } from './koffi.ts';
import type { Libc } from './libc.ts';
import { nodeFfi } from './node-ffi.ts';

/** The advice if this runtime has no interface to the C library. */
function runtimes(): string {
  return `add koffi (${koffiCommand()}), or use Node.js 26.10 or later, or Bun`;
}

let loading: Promise<Libc | null> | undefined;

/**
 * Checks quickly if this runtime can support Unix datagram sockets at all. Call it before {@link loadLibc}.
 *
 * @param instead - an alternative to a Unix socket, for the message; default: UDP
 * @throws ChronyConnectionError `ERR_CHRONY_NO_UNIX_SOCKET`
 */
export function checkRuntime(path: string, instead?: string): void {
  if (process.platform === 'win32') {
    throw noBackend(path, 'Windows has no Unix datagram sockets; use another system', undefined, instead);
  }
  if (process.versions['deno'] !== undefined && !denoAllowsFfi()) {
    throw noBackend(path, 'Deno may not call the C library; run it with --allow-ffi', undefined, instead);
  }
}

/**
 * Loads the C library through the best available interface.
 *
 * @param instead - as for {@link checkRuntime}
 * @throws ChronyConnectionError `ERR_CHRONY_NO_UNIX_SOCKET` if there is no interface; the runtime's error if it denies
 *   access
 */
export async function loadLibc(path: string, instead?: string): Promise<Libc> {
  loading ??= load();
  try {
    const libc = await loading;
    if (libc !== null) return libc;
  } catch (error) {
    loading = undefined;
    if (isRuntimeDenial(error) || isExhaustion(error as Error)) throw error;
    const [problem] = String(error).split('\n');
    const why = `the C library cannot be called (${problem}); fix that, or ${runtimes()}`;
    throw noBackend(path, why, error, instead);
  }
  // load again at the next call, because koffi may have been installed
  loading = undefined;
  const runtime = process.versions['bun'] === undefined ? 'Node.js' : 'Bun';
  throw noBackend(path, `this ${runtime} has no Unix datagram sockets; ${runtimes()}`, undefined, instead);
}

async function load(): Promise<Libc | null> {
  if (process.versions['bun'] !== undefined) return bunFfi();
  if (process.versions['deno'] !== undefined) return denoFfi();
  return nodeFfi() ?? (await koffi());
}
