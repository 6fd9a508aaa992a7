// Says whether a tag may be released: it is `v` and the version in package.json, of which CHANGELOG.md tells. On GitHub
// package.json must also name the repository, or npm refuses the proof of where the package is from.
// `release.mjs TAG`, in the folder that has both.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [, , tag = ''] = process.argv;
const { version, repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const wanted = `v${version}`;
const { GITHUB_REPOSITORY: home } = process.env;
const url = home === undefined ? undefined : `git+https://github.com/${home}.git`;
const headings = readFileSync('CHANGELOG.md', 'utf8').split('\n');

function fail(reason) {
  console.error(`check-release: ${reason}`);
  process.exitCode = 1;
}

if (tag !== wanted)
  fail(`TAG is ${tag || 'missing'}, and package.json has ${version}: it takes TAG=${wanted}`);
else if (!headings.some((line) => line === `## ${version}` || line.startsWith(`## ${version} `))) {
  fail(`CHANGELOG.md tells nothing of ${version}: it takes a heading '## ${version} - its date'`);
} else if (url !== undefined && repository?.url !== url) {
  fail(
    `package.json has no "repository": { "type": "git", "url": "${url}" }, and npm takes --provenance only with it`,
  );
} else console.log(`check-release: ${tag} is the version in package.json and in CHANGELOG.md`);
