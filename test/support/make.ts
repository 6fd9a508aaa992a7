/** Checks the `make` targets that other files mention. */
import { spawnSync } from 'node:child_process';

/** The targets of the `make` calls in a command line, without options and variables. */
export function targets(command: string): readonly string[] {
  const bare = command.replaceAll(/\b[A-Z_]+=("[^"]*"|'[^']*'|\S*)/g, '');
  return [...bare.matchAll(/\bmake +([^&|;]*)/g)].flatMap(([, words = '']) =>
    words.split(/\s+/).filter((word) => word !== '' && !word.startsWith('-')),
  );
}

/** The reason why `make` cannot make a target, or null if it can. Uses a dry run. */
export function whyNot(target: string): string | null {
  const { status, stderr } = spawnSync('make', ['--dry-run', target], { encoding: 'utf8' });
  return status === 0 ? null : stderr.trim();
}
