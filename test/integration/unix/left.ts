/** The leftovers of programs: directories beside chronyd's socket, and descriptors. */
import { readdirSync, readFileSync, readlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** The directories of sockets that are open or were left behind. */
export function clientDirectories(chronyd: { readonly dir: string }): string[] {
  return readdirSync(chronyd.dir).filter((name) => name.startsWith('cw-'));
}

/**
 * Sets the age of these directories to one minute. A younger directory without a bound socket is not swept, since its
 * process may be about to bind one.
 */
export function age(chronyd: { readonly dir: string }): void {
  const minuteAgo = Date.now() / 1000 - 60;
  for (const name of clientDirectories(chronyd)) utimesSync(join(chronyd.dir, name), minuteAgo, minuteAgo);
}

/** The number of Unix datagram sockets and of files in a directory that a process has open. */
export function descriptors(
  pid: number,
  directory: string,
): { readonly sockets: number; readonly files: number } {
  const open = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
  const datagram = new Set(
    readFileSync('/proc/net/unix', 'latin1')
      .split('\n')
      .map((line) => line.split(/\s+/))
      .filter(([, , , , type]) => type === '0002')
      .map(([, , , , , , inode]) => `socket:[${inode}]`),
  );
  return {
    sockets: open.filter((file) => datagram.has(file)).length,
    files: open.filter((file) => file.startsWith(directory)).length,
  };
}
