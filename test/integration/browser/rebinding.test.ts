/** DNS rebinding in a real browser: the name of a hostile page resolves to the server, and the page poses as a scraper. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { Stage } from './support/stage.ts';

/** A name that the attacker owns. It resolves to the address of the server. */
const NAME = 'rebind.example';
const PATHS = ['/metrics', '/healthz', '/readyz', '/probe?target=192.0.2.1', '/api/tracking', '/'];

let stage: Stage;
let chronyd: Chronyd;
beforeAll(async () => {
  stage = await Stage.set(
    `--host-resolver-rules=MAP ${NAME} 127.0.0.1`,
    // the newest browsers block requests of pages to local addresses by themselves
    '--disable-features=LocalNetworkAccessChecks',
  );
  chronyd = await Chronyd.start();
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await chronyd?.[Symbol.asyncDispose]();
});

/**
 * The script of the hostile page. All requests are same-origin, so that it may read each reply. It is a string, since it
 * runs in the browser.
 */
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

it('cannot read anything from a server that answers scrapers under any host name', async () => {
  await using serving = await stage.serve(chronyd.address, '0.0.0.0:0', '--probe', '192.0.2.0/24');
  await serving.ready();
  // a real scraper that uses this name gets the metrics
  expect((await serving.ask('/metrics', { headers: { host: NAME } })).status).toBe(200);
  const page = await stage.page();
  const origin = `http://${NAME}:${serving.port}`;
  // the page itself is loaded from the attacker, before the name resolves to this server
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
  // following a link to the server shows the refusal
  const shown = await page.goto(`${origin}/metrics`);
  expect(shown?.status()).toBe(403);
  await page.close();
});
