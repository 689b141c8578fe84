// Emmett for SQLite: node emmett-sqlite.mjs COMMAND FILE
import { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite';
import { unlikeJsonb } from './events.mjs';
import { isConflict, runEmmett } from './emmett.mjs';

// The library commits half of an append that it refuses, and the next one leaves a hole.
const leaveHole = async (store, append) => {
  await append('hole-1', [{ type: 'Before', data: {} }]);
  const refused = store.appendToStream('hole-1', [{ type: 'Lost', data: {} }], { expectedStreamVersion: 7n });
  if (!isConflict(await refused.catch((error) => error))) throw new Error('it was not refused');
  await store.appendToStream('hole-1', [{ type: 'After', data: {} }]);
};

runEmmett((fileName) => {
  const store = getSQLiteEventStore({ fileName });
  return {
    store,
    create: () => store.schema.migrate(),
    streams: ['text-1', 'hole-1'],
    processor: 'processor',
    writeMore: async (append) => {
      await append('text-1', unlikeJsonb);
      await leaveHole(store, append);
    },
    close: async () => {},
  };
});
