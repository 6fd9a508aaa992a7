/** Names of hosts, and patterns of these. */
import { domainToASCII } from 'node:url';

/** Names are the same in small letters and capitals, with the dot of the root or without, and as browsers send them. */
export function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/\.$/, '');
  // only where it is needed, as it takes 1 for the address 0.0.0.1; it gives nothing for what can be no name
  return /[^ -~]/.test(plain) ? domainToASCII(plain) || plain : plain;
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
