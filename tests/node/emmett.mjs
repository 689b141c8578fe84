// What Emmett does alike in SQLite and PostgreSQL.  A flavour is an event store of the library with
//
//     create()           makes an empty store
//     streams            those that are read
//     writeMore(append)  writes what the other cannot
//     processor          the name of the function that adds one to a consumer
//     close()
import { appends, more, order, streams } from './events.mjs';
import { mustRefuse, print, run } from './run.mjs';

export const isConflict = ({ errorCode }) => errorCode === 412;

const line = ({ kind, type, data, metadata }) => print({ kind, type, data, metadata });

const eachMessage = async (flavour, see) => {
  for (const stream of [...streams, 'scalars', ...flavour.streams])
    (await flavour.store.readStream(stream)).events.forEach(see);
};

const lastPosition = async (flavour) => {
  let last = 0n;
  await eachMessage(flavour, ({ metadata: { globalPosition } }) => {
    if (globalPosition > last) last = globalPosition;
  });
  return last;
};

const write = async (flavour) => {
  const versions = new Map();
  const append = async (stream, events) => {
    const expectedStreamVersion = versions.get(stream) ?? 0n;
    const { nextExpectedStreamVersion } = await flavour.store.appendToStream(stream, events, { expectedStreamVersion });
    versions.set(stream, nextExpectedStreamVersion);
  };
  for (const [stream, events] of appends.slice(0, 4)) await append(stream, events);
  await flavour.writeMore(append);
  for (const [stream, events] of appends.slice(4)) await append(stream, events);
  // In SQLite numbers by themselves are no text in the table.
  await append('scalars', [42, 0.25, -7, 1e21, '42', true, null, [1]].map((data) => ({ type: 'Scalar', data })));
};

// At the version that the stream has.
const append = async ({ store }) => {
  for (const [stream, messageId] of more) {
    const { currentStreamVersion } = await store.readStream(stream);
    const event = { type: 'Appended', data: {}, metadata: { messageId } };
    print(await store.appendToStream(stream, [event], { expectedStreamVersion: currentStreamVersion }));
    print({ last: (await store.readStream(stream)).events.at(-1).metadata });
  }
};

const stale = ({ store }) =>
  mustRefuse(
    () => store.appendToStream(order, [{ type: 'Stale', data: {} }], { expectedStreamVersion: 1n }),
    isConflict,
  );

// A subscriber that is new, until it has seen the last event.
const consume = async (flavour) => {
  const last = await lastPosition(flavour);
  const consumer = flavour.store.consumer();
  consumer[flavour.processor]({
    processorId: `test-${process.pid}-${Date.now()}`,
    stopAfter: (message) => message.metadata.globalPosition === last,
    eachMessage: line,
  });
  await consumer.start();
  await consumer.close();
};

export const runEmmett = (open) =>
  run(open, {
    create: (flavour) => flavour.create(),
    write,
    read: (flavour) => eachMessage(flavour, line),
    consume,
    append,
    stale,
  });
