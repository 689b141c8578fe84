// Makes an event store with Emmett for SQLite, through the library's own API only.
//
// In a folder of its own with tests/node/package.json, so that node_modules stays out of the tree:
//
//     npm install --no-package-lock     (installs the exact versions of package.json)
//     UV_THREADPOOL_SIZE=1 node make.mjs OUT.db     (OUT.db must not exist)
//
// With one thread statements come one behind the other; with more a COMMIT now and then fails with
// SQLITE_BUSY, as the library does not wait for a pragma of its own.
//
// Message ids are random and `created` is the time of the run, so a second run gives the same
// streams, types and payloads but not the same bytes.
//
// What the library does not take: `data: undefined` and an append of no events both end in a
// version conflict error. bigint becomes a JSON string, undefined members vanish, NaN becomes
// null, -0 becomes 0, a Date becomes its ISO string.

import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite';

const fileName = process.argv[2];
if (!fileName || existsSync(fileName)) {
  console.error('usage: node make.mjs OUT.db   (OUT.db must not exist)');
  process.exit(2);
}

const store = getSQLiteEventStore({ fileName });
await store.schema.migrate();
const versions = new Map();
let appends = 0;

// Every second append states its expected version, the others leave it open: both are usual.
const append = async (stream, ...events) => {
  const current = versions.get(stream) ?? 0n;
  const options = appends++ % 2 ? { expectedStreamVersion: current } : {};
  versions.set(stream, (await store.appendToStream(stream, events, options)).nextExpectedStreamVersion);
};

const event = (type, data, metadata) => ({ type, data, ...(metadata ? { metadata } : {}) });

const uuid = (n) => `7c9e6679-7425-40de-944b-${n.toString(16).padStart(12, '0')}`;

const caused = (n, extra) => ({ correlationId: uuid(n), causationId: uuid(n + 1000), ...extra });

// Orders: several appends a stream, streams interleaved, names `order-<uuid with dashes>`.
const orders = async () => {
  const ids = Array.from({ length: 8 }, (_, i) => `order-${uuid(0xa0 + i)}`);
  for (const [i, id] of ids.entries())
    await append(
      id,
      event('OrderPlaced', {
        orderId: id.slice(6),
        customer: { name: 'Zoë Åkesson', address: { city: 'Łódź', lines: ['ul. Piotrkowska 1', ''] } },
        placedAt: new Date(Date.UTC(2026, 0, 1 + i, 12, 30, 15, 250)),
      }, caused(i)),
      event('OrderLineAdded', { sku: 'A-100', quantity: i + 1, price: 19.99, note: null }, caused(i)),
    );
  for (let round = 0; round < 6; round++)
    for (const [i, id] of ids.entries())
      if ((i + round) % 3)
        await append(id, ...Array.from({ length: 1 + ((i + round) % 3) }, (_, k) =>
          event('OrderLineAdded', {
            sku: `B-${round}${k}`,
            quantity: k + 1,
            price: (i * 100 + round * 10 + k) / 8,
            tags: ['new', 'α', '🚚'].slice(0, k + 1),
          }, k ? undefined : caused(i, { userId: `user-${i}`, roles: ['clerk'] }))));
  await append(ids[0], event('OrderConfirmed', {}), event('OrderShipped', { carrier: '配送' }));
  await append(ids[1], event('OrderCancelled', { reason: 'customer’s "second thought"\n\ttoo late' }));
};

// Numbers, text and shapes at the edge of JSON and of SQLite's column affinity.
const payloads = async () => {
  await append('numbers-1',
    event('Integers', { max: 9007199254740991, min: -9007199254740991, past: 2 ** 53 + 2, zero: 0, minusZero: -0 }),
    event('BigInts', { small: 7n, int64: 9223372036854775807n, wide: 123456789012345678901234567890n }));
  await append('numbers-1',
    event('Decimals', { third: 1 / 3, sum: 0.1 + 0.2, tiny: 5e-324, small: 1.5e-7, cents: 1.5 }),
    event('Exponents', { e21: 1e21, e300: 1e300, max: Number.MAX_VALUE, minus: -2.5e-10 }),
    event('NotNumbers', { nan: NaN, infinity: Infinity, missing: undefined, present: null }));
  await append('text-edge-cases-1',
    event('NulInside', { text: 'a\u0000b', only: '\u0000', 'k\u0000ey': 1 }),
    event('Controls', { text: '\u0001\b\f\n\r\t\u001f\u007f\u2028\u2029', quotes: '"\\/' }),
    event('Emoji', { text: '👩‍👩‍👧‍👦 🇵🇱 🫠', '🔑': '🗝️' }));
  await append('text-edge-cases-1',
    event('LoneSurrogate', { high: '\ud83d', low: 'x\udd11y' }),
    event('Scripts', { he: 'שלום', ar: 'مرحبا', th: 'สวัสดี', zh: '你好', nfc: '\u00e9', nfd: 'e\u0301' }),
    event('LooksLikeOther', { number: '12', truth: 'true', nothing: 'null', json: '{"a":[1]}', empty: '' }));
  await append('shapes-1',
    event('Empty', {}),
    event('EmptyInside', { object: {}, array: [], nested: [[], [{}], [[[]]]] }),
    event('Nulls', { a: null, b: [null, null], c: { d: null } }),
    event('Mixed', { list: [1, 'two', 3.5, false, null, { six: 6n }, ['seven']] }));
  let deep = { bottom: true };
  for (let i = 0; i < 40; i++) deep = i % 2 ? [deep] : { d: deep };
  await append('shapes-1',
    event('Deep', deep),
    event('KeyOrder', { z: 1, a: 2, 10: 'ten', 9: 'nine', '': 'empty key', __proto: 0, A: 3 }),
    event('Long', { text: 'Zażółć gęślą jaźń. '.repeat(400) }));
  // Not objects: the columns have NUMERIC affinity, so the numbers are stored as numbers.
  await append('scalars',
    event('Integer', 42), event('Decimal', 0.25), event('Text', 'plain'), event('Digits', '42'),
    event('Null', null), event('True', true), event('List', [1, [2]]));
  await append('scalars',
    event('Negative', -7), event('Exponent', 1e21), event('PastInt64', 2 ** 64), event('Big', 42n),
    event('Safe', 9007199254740993n), event('Tenth', 0.1), event('Zero', -0));
};

// Names without '-', with several, with it first or last, not ASCII, alike but for one thing.
const names = async () => {
  const list = [
    'audit', 'Audit', '1000', 'audit-log-2026-01-31', 'tenant:acme/invoice-2026-0001', '-leading',
    'trailing-', 'a--b', 'with space-1', "o'brien-1", 'percent%_-1', 'käufer-ä1', '注文-42',
    'заказ', '🚚-9', 'caf\u00e9-1', 'cafe\u0301-1', `long-${'x'.repeat(250)}`,
  ];
  for (let round = 0; round < 3; round++)
    for (const [i, name] of list.entries())
      if (round === 0 || i % 4 >= round)
        await append(name, ...Array.from({ length: 1 + ((i * 2 + round) % 2) }, (_, k) =>
          event(k ? 'notiz.hinzugefügt/v2' : 'Noted', { round, name, k },
            i % 5 === 0 ? caused(200 + i, { 'trace-id': '00-4bf92f3577b34da6-01', tenant: { id: i } }) : undefined)));
};

// Metadata of the application: own message ids, and members that the library writes too.
const metadata = async () => {
  await append('payment-ö-1-a',
    event('PaymentStarted', { amount: '10.00' }, { messageId: uuid(1) }),
    event('PaymentTaken', { amount: '10.00' }, { messageId: 'not a uuid', correlationId: 'c-1', causationId: uuid(1) }),
    event('PaymentNoted', {}, { correlationId: null, causationId: 17, empty: {} }));
  await append('payment-ö-1-a',
    event('PaymentSettled', { at: '2026-01-31T23:59:60Z' }, { streamName: 'elsewhere-1', schemaVersion: 3, n: 5n }));
};

// A consumer that has seen everything leaves its row in emt_processors.
const consume = async () => {
  const last = [...versions.values()].reduce((sum, v) => sum + v, 0n);
  const consumer = store.consumer();
  consumer.processor({
    processorId: 'mailer',
    stopAfter: (message) => message.metadata.globalPosition === last,
    eachMessage: () => {},
  });
  await consumer.start();
  await consumer.close();
};

for (const part of [orders, payloads, names, metadata]) {
  await part();
  await sleep(1100); // `created` has whole seconds: let it take several values
}
await consume();
const count = [...versions.values()].reduce((sum, v) => sum + v, 0n);
console.log(`${count} events in ${versions.size} streams`);
