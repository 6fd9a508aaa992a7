// Makes the links in README.md absolute before npm packs it; `readme.mjs --restore` restores the original afterwards. If
// package.json has no repository, README.md stays unchanged.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { homeOf, withAbsoluteLinks } from './links.mjs';

const ORIGINAL = 'build/README.original.md';

if (process.argv[2] === '--restore') {
  if (existsSync(ORIGINAL)) renameSync(ORIGINAL, 'README.md');
} else {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const home = homeOf(manifest);
  if (home !== null) {
    // An interrupted run has left the original here.
    const original = readFileSync(existsSync(ORIGINAL) ? ORIGINAL : 'README.md', 'utf8');
    mkdirSync('build', { recursive: true });
    writeFileSync(ORIGINAL, original);
    writeFileSync('README.md', withAbsoluteLinks(original, home, manifest.version));
  }
}
