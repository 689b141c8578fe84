// Message DB, whose package is SQL and has no client: node message-db-postgresql.mjs COMMAND ADDRESS
// Its installer makes the store, so there is no command for that.
import pg from 'pg';
import { appends, more, order, streams, uuid } from './events.mjs';
import { mustRefuse, print, run } from './run.mjs';

const open = async (address) => {
  const client = new pg.Client(address);
  await client.connect();
  await client.query('SET search_path = message_store, public');
  return { query: async (...args) => (await client.query(...args)).rows, close: () => client.end() };
};

const writeMessage = async ({ query }, id, stream, { type, data, metadata }, expected) =>
  (await query('SELECT write_message($1, $2, $3, $4, $5, $6) AS position', [id, stream, type, data, metadata, expected]))[0].position;

let ids = 0;
const append = async (store, stream, events) => {
  const [{ version }] = await store.query('SELECT stream_version($1) AS version', [stream]);
  let expected = version ?? -1;
  for (const event of events) expected = await writeMessage(store, uuid(0x100 + ids++), stream, event, expected);
};

const cause = (stream, position, globalPosition) => ({
  correlationStreamName: 'käufer-ä1',
  causationMessageStreamName: stream,
  causationMessagePosition: position,
  causationMessageGlobalPosition: globalPosition,
});

const write = async (store) => {
  for (const [stream, events] of appends.slice(0, 4)) await append(store, stream, events);
  // Positions of an append that is given up are gone.
  await store.query('BEGIN');
  await append(store, 'audit-1', [{ type: 'Lost', data: {} }]);
  await store.query('ROLLBACK');
  await append(store, `${order}:command`, [{ type: 'Ship', metadata: cause(order, 0, 1) }]);
  await append(store, 'audit:position-mailer', [{ type: 'Recorded', data: { position: 4 } }]);
  for (const [stream, events] of appends.slice(4)) await append(store, stream, events);
};

const read = async ({ query }) => {
  for (const stream of [...streams, `${order}:command`, 'audit:position-mailer'])
    (await query('SELECT * FROM get_stream_messages($1)', [stream])).forEach(print);
};

// A consumer of each category, and one of what is correlated with another; in pieces, as the library reads.
const consume = async ({ query }) => {
  for (const [category, correlation] of [['order'], ['order', 'käufer'], ['käufer'], ['audit'], ['audit:position'], ['tenant:acme/invoice']]) {
    let from = 1;
    for (;;) {
      const messages = await query('SELECT * FROM get_category_messages($1, $2, 2, $3)', [category, from, correlation]);
      messages.forEach(print);
      if (!messages.length) break;
      from = Number(messages.at(-1).global_position) + 1;
    }
  }
};

// At the version that the stream has.
const appendMore = async (store) => {
  for (const [stream, id] of more) {
    const [{ version }] = await store.query('SELECT stream_version($1) AS version', [stream]);
    await writeMessage(store, id, stream, { type: 'Appended', data: {} }, version ?? -1);
    print((await store.query('SELECT type, position, global_position FROM get_last_stream_message($1)', [stream]))[0]);
  }
};

const stale = (store) =>
  mustRefuse(
    () => writeMessage(store, crypto.randomUUID(), order, { type: 'Stale', data: {} }, 0),
    (error) => error.message.startsWith('Wrong expected version: 0'),
  );

run(open, { write, read, consume, append: appendMore, stale });
