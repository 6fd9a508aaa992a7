/** The parser of YAML, in a bundle of its own: it is loaded only where there is YAML to be read. */
export { LineCounter, parseDocument } from 'yaml';
