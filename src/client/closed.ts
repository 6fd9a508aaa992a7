/** The code of the error that a closed connection gives. */
export const CLOSED = 'ERR_CHRONY_CLOSED';
