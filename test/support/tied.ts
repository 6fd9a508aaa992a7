/** Programs that do not outlive their parent process: the kernel ends them even if the parent is killed. */

/** The command that runs a program this way. The program keeps its process ID, so signals reach it directly. */
export function tied(program: string, ...args: readonly string[]): [program: string, args: string[]] {
  return ['setpriv', ['--pdeathsig', 'KILL', program, ...args]];
}

/**
 * The same for a program that changes its user. The kernel clears the parent death signal on such a change, so a shell
 * ends the program instead.
 */
export function tiedByShell(program: string, ...args: readonly string[]): [program: string, args: string[]] {
  const script = '"$@" & trap "kill $!" TERM; wait; wait';
  return ['setpriv', ['--pdeathsig', 'TERM', 'sh', '-c', script, 'sh', program, ...args]];
}
