// Reads the output of `npm audit --json` and fails on findings: `npm audit --json | audit.mjs WHAT`. A registry without an
// audit service is reported, but is not a failure.
import process from 'node:process';

const [, , what] = process.argv;
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { metadata, vulnerabilities, message, error } = JSON.parse(Buffer.concat(chunks).toString());

if (metadata === undefined) {
  console.log(`${what}: NOT audited, as the registry does not answer: ${message ?? error?.summary}`);
} else {
  const { total } = metadata.vulnerabilities;
  for (const { name, severity, range } of Object.values(vulnerabilities)) {
    console.log(`${what}: ${name} ${range}: ${severity}`);
  }
  console.log(`${what}: ${total} known vulnerabilities in ${metadata.dependencies.total} packages`);
  if (total > 0) process.exitCode = 1;
}
