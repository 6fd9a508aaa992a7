import { expect, it } from 'vitest';
import { koffiCommand } from '../../../../src/socket/unix/install-advice.ts';

it.each([
  ['npm/10.8.2 node/v20.20.2 linux x64', '/srv/app/main.js', 'npm install koffi'],
  ['', '/srv/app/main.js', 'npm install koffi'],
  ['', '', 'npm install koffi'],
  ['pnpm/10.1.0 npm/? node/v20.20.2 linux x64', '/srv/app/main.js', 'pnpm add koffi'],
  ['yarn/4.6.0 npm/? node/v20.20.2 linux x64', '/srv/app/main.js', 'yarn add koffi'],
  ['bun/1.2.0 npm/? node/v20.20.2 linux x64', '/srv/app/main.js', 'bun add koffi'],
  ['', '/usr/local/lib/node_modules/chrony-wasm/dist/cli.cjs', 'npm install --global koffi'],
  ['', '/srv/app/node_modules/chrony-wasm/dist/cli.cjs', 'npm install koffi'],
  [
    'npm/10.8.2 node/v20.20.2 linux x64',
    '/root/.npm/_npx/0a1b/node_modules/chrony-wasm/dist/cli.cjs',
    'npx -p chrony-wasm -p koffi chrony-wasm …',
  ],
  [
    'pnpm/10.1.0 npm/? node/v20.20.2 linux x64',
    '/root/.cache/pnpm/dlx/0a1b/1/node_modules/chrony-wasm/dist/cli.cjs',
    'pnpm --package=chrony-wasm --package=koffi dlx chrony-wasm …',
  ],
  [
    'yarn/4.6.0 npm/? node/v20.20.2 linux x64',
    '/tmp/xfs-1a/dlx-77/node_modules/chrony-wasm/dist/cli.cjs',
    'yarn dlx -p chrony-wasm -p koffi chrony-wasm …',
  ],
  ['', '/tmp/bunx-0-chrony-wasm@latest/node_modules/chrony-wasm/dist/cli.cjs', 'bunx --bun chrony-wasm …'],
])('with the user agent %j and the program %s advises: %s', (userAgent, program, command) => {
  expect(koffiCommand({ userAgent, program })).toBe(command);
});
