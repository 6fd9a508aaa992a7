/** Numbers as C's printf writes them, so that the output compares with chronyc's. */

/** The most decimals that `toFixed` gives: enough to show whether a value is a tie. */
const EXACT_DECIMALS = 100;

/**
 * `%.<decimals>f`. Where a value lies exactly between two results, C takes the even one and `toFixed` the
 * larger; chronyd's own floats, being short binary fractions, are often such.
 */
export function fixed(value: number, decimals: number): string {
  const rounded = Math.abs(value).toFixed(decimals);
  const exact = Math.abs(value).toFixed(EXACT_DECIMALS);
  const cut = exact.indexOf('.') + 1 + decimals;
  const isTie = /^50*$/.test(exact.slice(cut));
  const kept = exact.slice(0, decimals === 0 ? cut - 1 : cut);
  const magnitude = isTie && '02468'.includes(kept.slice(-1)) ? kept : rounded;
  return value < 0 || Object.is(value, -0) ? `-${magnitude}` : magnitude;
}

/** `%+.<decimals>f`. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return text.startsWith('-') ? text : `+${text}`;
}
