/** libchrony's error numbers. */

/** `chrony_err`, by the names of `chrony.h`. */
export const ChronyErr = {
  OK: 0,
  NO_MEMORY: 1,
  NO_RANDOM: 2,
  UNKNOWN_REPORT: 3,
  RANDOM_FAILED: 4,
  SEND_FAILED: 5,
  RECV_FAILED: 6,
  INVALID_ARGUMENT: 7,
  UNEXPECTED_CALL: 8,
  UNAUTHORIZED: 9,
  DISABLED: 10,
  UNEXPECTED_STATUS: 11,
  OLD_SERVER: 12,
  NEW_SERVER: 13,
  INVALID_RESPONSE: 14,
} as const;
