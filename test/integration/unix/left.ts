/** What programs leave behind, in chronyd's directory and of descriptors. */
import { readdirSync, readFileSync, readlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** The directories of sockets that are open, or were left. */
export function clientDirectories(chronyd: { readonly dir: string }): string[] {
  return readdirSync(chronyd.dir).filter((name) => name.startsWith('cw-'));
}

/**
 * Makes them look a minute old: a younger one in which no socket is bound yet may be that of a process which is about to do
 * so.
 */
export function age(chronyd: { readonly dir: string }): void {
  const minuteAgo = Date.now() / 1000 - 60;
  for (const name of clientDirectories(chronyd)) utimesSync(join(chronyd.dir, name), minuteAgo, minuteAgo);
}

/** How many Unix datagram sockets a process has, and files in a directory. */
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
