/** DNS rebinding, in a real browser: a page whose own name points to the server, and which tries to look like a scraper. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { Stage } from './support/stage.ts';

/** A name of the attacker's. Its DNS says that it is the address of the server. */
const NAME = 'rebind.example';
const PATHS = ['/metrics', '/healthz', '/readyz', '/probe?target=192.0.2.1', '/api/tracking', '/'];

let stage: Stage;
let chronyd: Chronyd;
beforeAll(async () => {
  stage = await Stage.set(
    `--host-resolver-rules=MAP ${NAME} 127.0.0.1`,
    // the newest browsers keep pages from addresses of the own network by themselves
    '--disable-features=LocalNetworkAccessChecks',
  );
  chronyd = await Chronyd.start();
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await chronyd?.[Symbol.asyncDispose]();
});

/** What the page does; all of it is of its own origin, so that it may read each reply. It is text, as it runs in the browser. */
const ATTACK = `async (paths) => {
  const disguised = {
    'user-agent': 'Prometheus/2.42.0',
    'accept-language': '',
    accept: 'text/plain;version=0.0.4',
    'x-prometheus-scrape-timeout-seconds': '10',
  };
  const read = (path, options) => fetch(path, options).then(({ status }) => status, String);
  const asking = (path) =>
    new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open('GET', path);
      for (const [name, value] of Object.entries(disguised)) request.setRequestHeader(name, value);
      request.onload = () => done(request.status);
      request.onerror = () => done('failed');
      request.send();
    });
  const framed = (path) =>
    new Promise((done) => {
      const frame = document.createElement('iframe');
      frame.referrerPolicy = 'no-referrer';
      frame.onload = () => done(frame.contentDocument === null ? 'unreadable' : frame.contentDocument.body.innerText);
      frame.src = path;
      document.body.append(frame);
    });
  const inWorker = (path) =>
    new Promise((done) => {
      const code = "onmessage = async ({ data: [url, options] }) => postMessage(await fetch(url, options).then(({ status }) => status, String))";
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      worker.onmessage = ({ data }) => done(data);
      worker.postMessage([new URL(path, location.href).href, { headers: disguised, referrerPolicy: 'no-referrer' }]);
    });
  const results = [];
  for (const path of paths) {
    results.push(
      [path, 'fetch', await read(path)],
      [path, 'no referrer', await read(path, { referrerPolicy: 'no-referrer', credentials: 'omit' })],
      [path, 'disguised', await read(path, { headers: disguised, referrerPolicy: 'no-referrer', credentials: 'omit' })],
      [path, 'no-cors', await read(path, { mode: 'no-cors', headers: disguised, referrerPolicy: 'no-referrer' })],
      [path, 'HEAD', await read(path, { method: 'HEAD', headers: disguised, referrerPolicy: 'no-referrer' })],
      [path, 'XMLHttpRequest', await asking(path)],
      [path, 'worker', await inWorker(path)],
      [path, 'frame', await framed(path)],
    );
  }
  return results;
}`;

it('gets nothing from a server that any scraper may call by any name', async () => {
  await using serving = await stage.serve(chronyd.address, '0.0.0.0:0', '--probe', '192.0.2.0/24');
  await serving.ready();
  // a scraper with that name does
  expect((await serving.ask('/metrics', { headers: { host: NAME } })).status).toBe(200);
  const page = await stage.page();
  const origin = `http://${NAME}:${serving.port}`;
  // the page itself comes from the attacker, before its name points here
  await page.route(`${origin}/attack`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>attack</title><body>' }),
  );
  await page.goto(`${origin}/attack`);
  const results = (await page.evaluate(`(${ATTACK})(${JSON.stringify(PATHS)})`)) as [
    string,
    string,
    unknown,
  ][];
  expect(results).toHaveLength(PATHS.length * 8);
  const got = results.filter(([, way, result]) =>
    way === 'frame' ? !/^(?:unreadable|.*--allow-host.*)\s*$/.test(String(result)) : result !== 403,
  );
  expect(got).toEqual([]);
  // and a link to here shows the refusal
  const shown = await page.goto(`${origin}/metrics`);
  expect(shown?.status()).toBe(403);
  await page.close();
});
