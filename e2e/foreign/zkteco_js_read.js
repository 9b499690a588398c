// Reads users and punches with zkteco-js and prints each as a line of JSON.
import Client from 'zkteco-js';
import { printPunch, printUser } from './lines.js';

const [, , host, port] = process.argv;

// It prints what it is doing.
console.log = console.error;

const terminal = new Client(host, Number(port), 10_000, 0);
await terminal.createSocket();

for (const user of (await terminal.getUsers()).data) {
  printUser({ uid: user.uid, user_id: user.userId, name: user.name, privilege: user.role, card: user.cardno });
}
for (const punch of (await terminal.getAttendances()).data) {
  printPunch({ user_id: punch.user_id, time: new Date(punch.record_time), state: punch.state, verify_mode: punch.type });
}

await terminal.disconnect();
process.exit(0);
