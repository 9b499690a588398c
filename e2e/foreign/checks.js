// Every foreign reader must read from our virtual terminal what our `pull` reads, in each row format it knows.
import assert from 'node:assert/strict';
import * as compare from './compare.js';
import { node, pull, python, withTerminal } from './terminal.js';

const KEY = 131_070;
// These readers take one packet a socket event and lose those that arrive together.
const PAUSE = ['--packet-pause', '40'];
const EVERYTHING = ['user_id', 'timestamp', 'state', 'verify_mode'];

/** One terminal: how it is made, and how many users and punches it has. */
function terminal({ users = 80, records = 3_001, rows = '40', userRows = '72', flags = [] } = {}) {
  const made = ['--users', users, '--records', records, '--record-format', rows, '--user-format', userRows, '--seed', '7'];
  return { users, records, flags: [...made.map(String), ...flags] };
}

/** Starts the terminal, lets the reader read it, and compares with what `pull` reads of it. */
async function reads(kind, reader, { fields = EVERYTHING, nameOf, pullFlags = [], asSeen = (found) => found } = {}) {
  await withTerminal(kind.flags, async (address) => {
    const found = asSeen(await reader(address));
    const [users, punches] = [await pull(address, 'users', pullFlags), await pull(address, 'attendance', pullFlags)];
    compare.count('users', users, kind.users);
    compare.count('punches', punches, kind.records);
    compare.users(found, users, nameOf);
    compare.punches(found, punches, fields);
  });
}

const pyzk = (transport, key = 0) => (address) => python('pyzk_read.py', address, transport, key);
const nodeZklib = (transport) => (address) => node('node_zklib_read.js', address, transport);
const zktecoJs = (address) => node('zkteco_js_read.js', address, 'tcp');

/** Node's `ascii` keeps seven bits of each byte, and these readers end a name at the first that becomes NUL. */
const sevenBits = (name) => Buffer.from(name).map((byte) => byte & 0x7f).toString('latin1').split('\0')[0];

/** In rows of 16 bytes, pyzk has the state where the vendor's manual has the way of verification, and the reverse. */
const otherOrder = (found) =>
  found.map((line) => (line.kind === 'punch' ? { ...line, state: line.verify_mode, verify_mode: line.state } : line));

/** Rows of 8 bytes hold the slot number, which a reader without a table of users takes for the user's id. */
const bySlot = (found) => {
  const ids = new Map(found.filter((line) => line.kind === 'user').map((user) => [String(user.uid), user.user_id]));
  return found.map((line) => (line.kind === 'punch' ? { ...line, user_id: ids.get(line.user_id) } : line));
};

const checks = [];
const check = (name, run) => checks.push({ name, run });

for (const transport of ['tcp', 'udp']) {
  const over = transport.toUpperCase();
  for (const rows of ['40', '16', '8']) {
    for (const userRows of ['72', '28']) {
      const asSeen = rows === '16' ? otherOrder : undefined;
      check(`pyzk over ${over}, punches of ${rows} bytes, users of ${userRows}`, () =>
        reads(terminal({ rows, userRows }), pyzk(transport), { asSeen }));
    }
  }
  check(`pyzk over ${over} with a key`, () =>
    reads(terminal({ flags: ['--comm-key', String(KEY)] }), pyzk(transport, KEY), { pullFlags: ['--comm-key', String(KEY)] }));
  check(`pyzk over ${over} with a wrong key is refused`, () =>
    withTerminal(terminal({ flags: ['--comm-key', String(KEY)] }).flags, (address) =>
      assert.rejects(python('pyzk_read.py', address, transport, KEY + 1), /Unauthenticated/)));
  check(`pyzk over ${over}, tables that come at once`, () =>
    reads(terminal({ users: 5, records: 12 }), pyzk(transport)));
  check(`what pyzk writes over ${over} is read by pull`, () => writes(transport));
}

check('pyzk over TCP, packets of 1008 bytes as on old terminals', () =>
  reads(terminal({ records: 999, flags: ['--packet-size', '1008', '--packet-pause', '2'] }), pyzk('tcp')));

for (const [name, reader, fields] of [
  ['node-zklib', nodeZklib('tcp'), ['user_id', 'timestamp']],
  ['zkteco-js', zktecoJs, EVERYTHING],
]) {
  check(`${name} over TCP, tables in several pieces`, () =>
    reads(terminal({ flags: PAUSE }), reader, { fields, nameOf: sevenBits }));
  check(`${name} over TCP, tables that come at once`, () =>
    reads(terminal({ users: 5, records: 12, flags: PAUSE }), reader, { fields, nameOf: sevenBits }));
}

check('node-zklib over UDP, punches of 16 bytes, users of 28', () =>
  reads(terminal({ rows: '16', userRows: '28', flags: ['--packet-pause', '1'] }), nodeZklib('udp'), {
    fields: ['user_id', 'timestamp'],
    nameOf: sevenBits,
  }));
check('node-zklib over UDP, punches of 8 bytes in the other layout', () =>
  reads(terminal({ users: 5, records: 40, rows: '8b', userRows: '28' }), nodeZklib('udp'), {
    fields: ['user_id', 'timestamp'],
    nameOf: sevenBits,
    asSeen: bySlot,
  }));

for (const rows of ['8', '8b', '16', '40', '49']) {
  check(`pull reads punches of ${rows} bytes over UDP as over TCP`, () =>
    withTerminal(terminal({ rows }).flags, async (address) => {
      const [tcp, udp] = [await pull(address, 'attendance'), await pull(address, 'attendance', ['--udp'])];
      compare.count('punches', tcp, 3_001);
      assert.deepEqual(udp, tcp);
    }));
}

/** pyzk adds, renames and deletes; `pull` must see exactly that. */
async function writes(transport) {
  for (const userRows of ['72', '28']) {
    await withTerminal(terminal({ users: 20, records: 10, userRows }).flags, async (address) => {
      const before = await pull(address, 'users');
      const [told] = await python('pyzk_write.py', address, transport, 0);
      const after = new Map((await pull(address, 'users')).map((user) => [user.user_id, user]));
      assert.deepEqual(
        { ...after.get(told.added), group_id: undefined },
        { user_id: '777001', name: 'Added', privilege: 14, card: 4_242, group_id: undefined, has_password: true },
      );
      assert.equal(after.get(told.renamed).name, 'Renamed');
      assert.ok(!after.has(told.deleted), `${told.deleted} was deleted and is still there`);
      const untouched = before.filter((user) => user.user_id !== told.renamed && user.user_id !== told.deleted);
      for (const user of untouched) assert.deepEqual(after.get(user.user_id), user);
      assert.equal(after.size, before.length);
    });
  }
}

let failed = 0;
for (const { name, run } of checks) {
  const began = Date.now();
  try {
    await run();
    console.log(`ok   ${name} (${((Date.now() - began) / 1_000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
  }
}
console.log(`${checks.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
