// Reads the results of the test runner. Prints `PASSED FAILED SUCCESS`, and on stderr the full name of each failed test with the
// first line of its message.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';

const { numPassedTests, numFailedTests, success, testResults } = JSON.parse(readFileSync(process.argv[2]));
let broken = 0;

function firstLine(message = '') {
  return stripVTControlCharacters(message).trim().split('\n', 1)[0];
}

for (const { name, status, message, assertionResults } of testResults) {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  for (const { fullName, failureMessages } of failed) {
    console.error(`failed: ${file} > ${fullName}: ${firstLine(failureMessages[0])}`);
  }
  // A file that does not load has no tests: count the file as a failure.
  if (status === 'failed' && failed.length === 0) {
    broken++;
    console.error(`failed: ${file}: ${firstLine(message)}`);
  }
}
console.log(numPassedTests, numFailedTests + broken, success);
