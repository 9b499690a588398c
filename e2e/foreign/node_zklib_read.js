// Reads users and punches with node-zklib and prints each as a line of JSON.
import { createRequire } from 'node:module';
import { printPunch, printUser } from './lines.js';

const require = createRequire(import.meta.url);
const [, , host, port, transport] = process.argv;
// Over UDP it finds a terminal only where TCP is refused; ours answers both, so its UDP half is used directly.
const Client = require(transport === 'udp' ? 'node-zklib/zklibudp' : 'node-zklib');

// It prints what it is doing.
console.log = console.error;

const terminal = new Client(host, Number(port), 10_000, 0);
await terminal.createSocket();
if (transport === 'udp') await terminal.connect();

const users = await terminal.getUsers();
if (users.err) throw users.err;
for (const user of users.data) {
  printUser({ uid: user.uid, user_id: String(user.userId), name: user.name, privilege: user.role, card: user.cardno });
}

const punches = await terminal.getAttendances(() => {});
if (punches.err) throw punches.err;
for (const punch of punches.data) {
  printPunch({ user_id: String(punch.deviceUserId), time: punch.recordTime });
}

await terminal.disconnect();
process.exit(0);
