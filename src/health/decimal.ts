/** A number as a plain decimal, to the ninth place: never with an exponent, which not everyone reads. */
export function decimal(value: number): string {
  return value
    .toFixed(9)
    .replace(/\.?0+$/, '')
    .replace(/^-0$/, '0');
}
