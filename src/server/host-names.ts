/** Names of hosts, and patterns of names. */
import { domainToASCII } from 'node:url';

/** A name in the form that browsers send: lower case, in ASCII, without the dot of the root. */
export function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/\.$/, '');
  // only where needed: domainToASCII() takes 1 for the address 0.0.0.1, and gives '' for an invalid name
  return /[^ -~]/.test(plain) ? domainToASCII(plain) || plain : plain;
}

/** True for a name, or `*.` and a name. */
export function isNamePattern(text: string): boolean {
  return /^(?:\*\.)?[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?$/u.test(text);
}

/** @param pattern - a name, or `*.example.org`, which matches each name below it */
export function matchesName(name: string, pattern: string): boolean {
  const plain = plainName(pattern);
  return plain.startsWith('*.') ? plainName(name).endsWith(plain.slice(1)) : plainName(name) === plain;
}
