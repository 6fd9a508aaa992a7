/** Debian's suites, each with a chrony of its own; every test of a version runs with each of them. */

/** The version in each; the newest one moves on. */
export const SUITES = {
  bullseye: '4.0',
  bookworm: '4.3',
  trixie: '4.6.1',
  sid: '4.9',
} as const;

/** Where the newest chrony is. */
export const NEWEST = 'sid';
