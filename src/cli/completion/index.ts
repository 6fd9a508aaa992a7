/** Completion scripts, made from what help is made from. */
import type { SHELLS } from '../manual/commands.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const scripts: Readonly<Record<(typeof SHELLS)[number], () => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export function completionScript(shell: (typeof SHELLS)[number]): string {
  return scripts[shell]();
}
