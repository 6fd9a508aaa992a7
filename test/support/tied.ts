/** Programs that do not outlive who starts them: the system ends them even if that process is killed. */

/** What runs a program so; in the same process, which signals reach as if it had been started itself. */
export function tied(program: string, ...args: readonly string[]): [program: string, args: string[]] {
  return ['setpriv', ['--pdeathsig', 'KILL', program, ...args]];
}

/** The same for a program that changes its user, upon which the system forgets that it is to be ended: a shell does it. */
export function tiedByShell(program: string, ...args: readonly string[]): [program: string, args: string[]] {
  const script = '"$@" & trap "kill $!" TERM; wait; wait';
  return ['setpriv', ['--pdeathsig', 'TERM', 'sh', '-c', script, 'sh', program, ...args]];
}
