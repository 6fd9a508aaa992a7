/** Debian's suites, each with its own version of chrony. Every test of versions runs with each suite. */

/** The version of chrony in each suite; it changes in the newest suite. */
export const SUITES = {
  bullseye: '4.0',
  bookworm: '4.3',
  trixie: '4.6.1',
  sid: '4.9',
} as const;

/** The suite with the newest chrony. */
export const NEWEST = 'sid';
