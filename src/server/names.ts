/** Names of hosts, and patterns of these. */

/** Names are the same in small letters and capitals, with the dot of the root or without. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** True for a name, or `*.` and a name. */
export function isNamePattern(text: string): boolean {
  return /^(?:\*\.)?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?$/u.test(text);
}

/** @param pattern - a name; `*.example.org` is any name that ends so */
export function matchesName(name: string, pattern: string): boolean {
  const plain = plainName(pattern);
  return plain.startsWith('*.') ? plainName(name).endsWith(plain.slice(1)) : plainName(name) === plain;
}
