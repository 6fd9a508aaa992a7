/** What `make` knows how to make, for the files elsewhere that say it. */
import { spawnSync } from 'node:child_process';

/** The targets of a command line with `make` in it: neither its options nor its variables. */
export function targets(command: string): readonly string[] {
  const bare = command.replaceAll(/\b[A-Z_]+=("[^"]*"|'[^']*'|\S*)/g, '');
  return [...bare.matchAll(/\bmake +([^&|;]*)/g)].flatMap(([, words = '']) =>
    words.split(/\s+/).filter((word) => word !== '' && !word.startsWith('-')),
  );
}

/** Why `make` cannot make that, or null if it can. Makes nothing. */
export function whyNot(target: string): string | null {
  const { status, stderr } = spawnSync('make', ['--dry-run', target], { encoding: 'utf8' });
  return status === 0 ? null : stderr.trim();
}
