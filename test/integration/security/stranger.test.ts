/** Other programs of this machine cannot reach our socket while a connection over chronyd's Unix socket is open. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChronyConnection, getTracking } from '../../../src/index.ts';
import { Chronyd } from '../../support/chronyd.ts';

let chronyd: Chronyd;

beforeAll(async () => {
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
});
afterAll(() => chronyd?.stop());

it('rejects datagrams of other programs, even of the same user, since our socket is connected to chronyd', async () => {
  const chrony = await ChronyConnection.open(chronyd.socketPath);
  await chrony.getTracking();
  const [directory = ''] = readdirSync(chronyd.dir).filter((name) => name.startsWith('cw-'));
  const ours = join(chronyd.dir, directory, 's');
  expect(lstatSync(ours).isSocket()).toBe(true);
  await expect(getTracking(ours)).rejects.toMatchObject({
    name: 'ChronyPermissionError',
    message: expect.stringContaining(`${ours}: EPERM`),
  });
  expect(await chrony.getTracking()).toHaveProperty('stratum', 7);
  await chrony.close();
});
