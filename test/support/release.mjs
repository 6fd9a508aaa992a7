// Says whether a tag may be released: it is `v` and the version in package.json, of which CHANGELOG.md tells, and
// package.json names the repository, without which npm takes no provenance, and the README's links lead nowhere there.
// `release.mjs TAG`, in the folder that has both.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [, , tag = ''] = process.argv;
const { version, repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const wanted = `v${version}`;
const headings = readFileSync('CHANGELOG.md', 'utf8').split('\n');

function fail(reason) {
  console.error(`check-release: ${reason}`);
  process.exitCode = 1;
}

if (tag !== wanted)
  fail(`TAG is ${tag || 'missing'}, and package.json has ${version}: it takes TAG=${wanted}`);
else if (!repository?.url?.startsWith('git+https://'))
  fail(
    'package.json names no repository: it takes { "type": "git", "url": "git+https://HOST/OWNER/NAME.git" }',
  );
else if (!headings.some((line) => line === `## ${version}` || line.startsWith(`## ${version} `))) {
  fail(`CHANGELOG.md tells nothing of ${version}: it takes a heading '## ${version} - its date'`);
} else console.log(`check-release: ${tag} is the version in package.json and in CHANGELOG.md`);
