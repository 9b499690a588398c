// Reads users and punches with node-zklib and prints each as a line of JSON.
import { createRequire } from 'node:module';
import { printPunch, printUser } from './lines.js';

const require = createRequire(import.meta.url);
const [, , host, port, transport] = process.argv;
// Over UDP it finds a terminal only where TCP is refused; ours answers both, so its UDP half is used directly.
const Client = require(transport === 'udp' ? 'node-zklib/zklibudp' : 'node-zklib');

// It prints what it is doing.
console.log = console.error;

// Over TCP it takes the end of one table for the answer to its next command, and then loses that answer where two
// arrive together: each table has a connection of its own.
async function read(table) {
  const terminal = new Client(host, Number(port), 10_000, 0);
  await terminal.createSocket();
  if (transport === 'udp') await terminal.connect();
  const found = await terminal[table]();
  if (found.err) throw found.err;
  await terminal.disconnect();
  return found.data;
}

for (const user of await read('getUsers')) {
  printUser({ uid: user.uid, user_id: String(user.userId), name: user.name, privilege: user.role, card: user.cardno });
}
for (const punch of await read('getAttendances')) {
  printPunch({ user_id: String(punch.deviceUserId), time: punch.recordTime });
}
process.exit(0);
