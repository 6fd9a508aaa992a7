/** What help and the manual page have in common besides commands and options. */

export const NAME = 'chrony-wasm';

export const SUMMARY = "what chronyd says of this machine's clock, without chronyc";

export const ON_REPORTS = 'the first ten print what chronyc -n does';

export const EXAMPLE = '-h 192.0.2.1 --json tracking';

/** What each exit status means. */
export const EXIT_STATUS = [
  ['0', 'it is done'],
  ['1', 'an error, which is told in one line'],
  ['2', 'the arguments make no sense'],
  ['0 to 3', 'of check: OK, WARNING, CRITICAL, UNKNOWN'],
] as const;

/** The variables of the environment that change what is printed. */
export const ENVIRONMENT = [
  ['NO_COLOR', 'if it is set, nothing is coloured; if not, it is on a terminal only'],
  ['TERM', 'if it is dumb, nothing is coloured, and watch prints lines'],
  ['XDG_CACHE_HOME', 'where compiled code is kept for the next start; default ~/.cache, if that exists'],
  ['NODE_DISABLE_COMPILE_CACHE', 'if it is set, no compiled code is kept'],
  ['LC_ALL, LC_CTYPE, LANG', 'unless it is UTF-8, the course of the offset is drawn in ASCII'],
] as const;
