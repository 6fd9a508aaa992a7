// Writes a figure to build/reliability/fuzz.json. It replaces the previous figure of the same command.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = 'build/reliability/fuzz.json';

function read() {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

export function writeFigure(command, what, figure) {
  mkdirSync('build/reliability', { recursive: true });
  const others = read().filter((each) => each.command !== command);
  writeFileSync(FILE, `${JSON.stringify([...others, { what, figure, command }], null, 2)}\n`);
}

if (import.meta.filename === process.argv[1]) {
  const [, , command, what, figure] = process.argv;
  writeFigure(command, what, figure);
}
