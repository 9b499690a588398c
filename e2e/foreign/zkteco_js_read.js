// Reads users and punches with zkteco-js and prints each as a line of JSON.
import Client from 'zkteco-js';
import { printPunch, printUser } from './lines.js';

const [, , host, port] = process.argv;

// It prints what it is doing.
console.log = console.error;

// It takes the end of one table for the answer to its next command, and then loses that answer where two arrive
// together: each table has a connection of its own.
async function read(table) {
  const terminal = new Client(host, Number(port), 10_000, 0);
  tellsWhatBrokeOff(terminal.ztcp);
  await terminal.createSocket();
  const { data } = await terminal[table]();
  await terminal.disconnect();
  return data;
}

// Where a packet got lost, it takes what came until then for the whole table.
function tellsWhatBrokeOff(half) {
  const readWithBuffer = half.readWithBuffer.bind(half);
  half.readWithBuffer = async (...asked) => {
    const found = await readWithBuffer(...asked);
    if (found.err) throw found.err;
    return found;
  };
}

for (const user of await read('getUsers')) {
  printUser({ uid: user.uid, user_id: user.userId, name: user.name, privilege: user.role, card: user.cardno });
}
for (const punch of await read('getAttendances')) {
  printPunch({ user_id: punch.user_id, time: new Date(punch.record_time), state: punch.state, verify_mode: punch.type });
}
process.exit(0);
