// Emmett for PostgreSQL: node emmett-postgresql.mjs COMMAND ADDRESS
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { order, uuid } from './events.mjs';
import { runEmmett } from './emmett.mjs';

// An append that its application gives up: its positions are gone.
const giveUp = async (address) => {
  const projection = {
    canHandle: ['Lost'],
    handle: () => {
      throw new Error('given up');
    },
  };
  const store = getPostgreSQLEventStore(address, { projections: [{ type: 'inline', projection }] });
  const error = await store.appendToStream('audit-1', [{ type: 'Lost', data: {} }, { type: 'Lost', data: {} }]).catch((e) => e);
  await store.close();
  if (error.message !== 'given up') throw error;
};

// What the schema has a place for, and the library leaves to others: an archived stream, and a tenant with a
// stream of the name of another one.
const tenant = 'shop__berlin';
const archiveAndTenant = async (client) => {
  for (const table of ['emt_messages', 'emt_streams'])
    await client.query(`UPDATE ${table} SET is_archived = true WHERE stream_id = 'archived-1'`);
  await client.query(
    `SELECT emt_append_to_stream($1, '{"{}"}', '{"{}"}', '{1}', '{OrderPlaced}', '{E}', $2, 'order', 0, $3)`,
    [[uuid(0x200)], order, tenant],
  );
};

const withClient = async (address, use) => {
  const client = new pg.Client(address);
  await client.connect();
  await use(client);
  await client.end();
};

runEmmett((address) => {
  const store = getPostgreSQLEventStore(address);
  return {
    store,
    create: async () => {
      await store.schema.migrate();
      await withClient(address, (client) => client.query('SELECT emt_add_partition($1)', [tenant]));
    },
    streams: ['commands', 'archived-1'],
    processor: 'reactor',
    writeMore: async (append) => {
      await append('commands', [{ kind: 'Command', type: 'Remind', data: {} }]);
      await giveUp(address);
      await append('archived-1', [{ type: 'Closed', data: {} }]);
      await withClient(address, archiveAndTenant);
    },
    close: () => store.close(),
  };
});
