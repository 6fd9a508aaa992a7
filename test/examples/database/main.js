// Stores events with an interval that holds the true time of each, and lists those whose order is certain.
// Run: node main.js [address]
import { PGlite } from '@electric-sql/pglite';
import { BoundedClock, ChronyError } from 'chrony-wasm';

const clock = await BoundedClock.start({ address: process.argv[2] });
// PostgreSQL in this process; a client of `pg` has the same query()
const db = await PGlite.create();
await db.query('create table event (name text, earliest timestamptz, latest timestamptz)');

/** PostgreSQL has microseconds: the interval is rounded outwards, so that it still holds the true time. */
function columns({ earliest, latest }) {
  return [earliest / 1000n, latest / 1000n + 1n].map((us) => {
    const fraction = String(us % 1000n).padStart(3, '0');
    return new Date(Number(us / 1000n)).toISOString().replace('Z', `${fraction}Z`);
  });
}

async function insert(name) {
  const time = clock.now();
  // commit wait: any event that is stored after this one gets a later interval, on every machine
  await clock.waitUntilAfter(time.latest);
  await db.query('insert into event values ($1, $2, $3)', [name, ...columns(time)]);
}

try {
  for (const name of ['ordered', 'paid', 'sent']) await insert(name);
  const { rows } = await db.query(
    'select a.name as first, b.name as second from event a join event b on a.latest < b.earliest order by a.latest, b.latest',
  );
  for (const { first, second } of rows) console.log(`${first} before ${second}`);
} catch (error) {
  // nothing is stored while the time is unknown
  if (!(error instanceof ChronyError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await db.close();
  await clock.close();
}
