// Checks that a tag can be released: `release.mjs TAG`, in the folder with package.json and CHANGELOG.md. The tag must be `v`
// and the version in package.json, and CHANGELOG.md must have a heading for it. On GitHub, package.json must also have the URLs
// of the repository, the home page and the bug tracker. Without the repository, npm refuses the provenance, and the links of
// README.md do not work on npm's page.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [, , tag = ''] = process.argv;
const { version, repository, homepage, bugs } = JSON.parse(readFileSync('package.json', 'utf8'));
const wanted = `v${version}`;
const { GITHUB_REPOSITORY: home } = process.env;
const page = `https://github.com/${home}`;
/** The fields that package.json must have on GitHub. */
const wantedOfPackage = {
  repository: { type: 'git', url: `git+${page}.git` },
  homepage: `${page}#readme`,
  bugs: `${page}/issues`,
};
const has = { repository: repository?.url, homepage, bugs: bugs?.url ?? bugs };
const missing = Object.entries(wantedOfPackage).filter(([key, value]) => has[key] !== (value.url ?? value));
const headings = readFileSync('CHANGELOG.md', 'utf8').split('\n');

function fail(reason) {
  console.error(`check-release: ${reason}`);
  process.exitCode = 1;
}

if (tag !== wanted)
  fail(`TAG is ${tag || 'missing'}, and package.json has ${version}: it takes TAG=${wanted}`);
else if (!headings.some((line) => line === `## ${version}` || line.startsWith(`## ${version} `))) {
  fail(`CHANGELOG.md has no entry for ${version}: add a heading '## ${version} - its date'`);
} else if (home !== undefined && missing.length > 0) {
  const lines = missing.map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  fail(`package.json must have ${lines.join(', ')}; npm accepts provenance only from that repository`);
} else console.log(`check-release: ${tag} is the version in package.json and in CHANGELOG.md`);
