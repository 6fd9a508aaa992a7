/** Host names and patterns of host names. */
import { domainToASCII } from 'node:url';

/** Returns a name in the form that browsers send: lower case, in ASCII, without a trailing dot. */
export function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/\.$/, '');
  // only where needed, because domainToASCII() turns 1 into the address 0.0.0.1, and an invalid name into ''
  return /[^ -~]/.test(plain) ? domainToASCII(plain) || plain : plain;
}

/** True for a name, or for `*.` followed by a name. */
export function isNamePattern(text: string): boolean {
  return /^(?:\*\.)?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?$/u.test(text);
}

/** @param pattern - a name, or `*.example.org`, which matches each name below it */
export function matchesName(name: string, pattern: string): boolean {
  const plain = plainName(pattern);
  return plain.startsWith('*.') ? plainName(name).endsWith(plain.slice(1)) : plainName(name) === plain;
}
