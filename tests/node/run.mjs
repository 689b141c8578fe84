// The command line of these scripts: COMMAND and where the store is; results as JSON lines.

export const print = (value) =>
  process.stdout.write(`${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? Number(v) : v))}\n`);

// Libraries show their errors there.
console.log = console.error;

// Ends with 0 where the library refuses the append, as it must.
export const mustRefuse = async (append, isConflict) => {
  try {
    await append();
  } catch (error) {
    if (!isConflict(error)) throw error;
    print({ refused: error.message });
    return;
  }
  throw new Error('the append was not refused');
};

export const run = async (open, commands) => {
  const [name, where] = process.argv.slice(2);
  if (!where || !commands[name]) {
    console.error(`usage: ${Object.keys(commands).join('|')} STORE`);
    process.exit(2);
  }
  const store = await open(where);
  try {
    await commands[name](store);
  } finally {
    await store.close();
  }
};
