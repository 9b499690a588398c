// Every foreign reader must read from our virtual terminal what our `pull` reads, in each row format it knows.
import assert from 'node:assert/strict';
import * as compare from './compare.js';
import { ProgramFailed, node, pull, python, withTerminal } from './terminal.js';

const KEY = 131_070;
// These readers take one packet a socket event and lose those that arrive together, as they do where the machine gives
// them no time for a while. The pause keeps packets apart; a reader that has lost one stops with an error and is started again.
const PAUSE = ['--packet-pause', '40'];
const ATTEMPTS = 3;
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
const nodeZklib = (transport) => (address) => again(() => node('node_zklib_read.js', address, transport));
const zktecoJs = (address) => again(() => node('zkteco_js_read.js', address, 'tcp'));

/** What the reader read; each attempt that ended without is told. */
async function again(read) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ProgramFailed) || attempt === ATTEMPTS) throw error;
      console.log(`     attempt ${attempt} of ${ATTEMPTS}: ${error.message}`);
    }
  }
}

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

for (const transport of ['tcp', 'udp']) {
  const over = transport.toUpperCase();
  for (const userRows of ['72', '28']) {
    check(`pyzk over ${over} with templates, doors, sounds and events, users of ${userRows}`, () => cares(transport, userRows));
  }
  check(`what pyzk clears over ${over} is gone`, () =>
    withTerminal(terminal({ users: 20, records: 300 }).flags, async (address) => {
      const [told] = await python('pyzk_clear.py', address, transport, 0);
      assert.deepEqual(told, { before: 300, after: 0 });
      compare.count('punches', await pull(address, 'attendance'), 0);
    }));
}

/** pyzk reads and writes templates, opens the door, plays a sound, and hears of a punch. */
async function cares(transport, userRows) {
  const flags = ['--fingers', '2', '--punch-every', '0.4'];
  const kind = terminal({ users: 20, records: 10, rows: userRows === '28' ? '16' : '40', userRows, flags });
  await withTerminal(kind.flags, async (address) => {
    const lines = await python('pyzk_care.py', address, transport, 0);
    const of = (kind) => lines.filter((line) => line.kind === kind).map(({ kind: _, ...line }) => line);
    const templates = of('template');
    compare.count('templates', templates, 40);
    assert.ok(templates.every(({ template, valid }) => valid === 1 && /^4d..53533231/.test(template)));
    assert.deepEqual(of('single'), templates.slice(0, 1));
    const uploaded = of('uploaded');
    assert.deepEqual(uploaded.map(({ finger }) => finger), [0, 1, 6, 7]);
    const bytes = [...Array(6)].flatMap(() => [...Array(249).keys()].map((byte) => byte + 1));
    assert.equal(uploaded[3].template, `4d7953533231${Buffer.from(bytes).toString('hex')}`);
    assert.deepEqual(of('voice'), [{ played: true }]);
    assert.equal(await address.order('effects'), 'unlocked for 3 s, played 4');
    assert.match(await address.order('state'), /with 20 users, 41 templates/);
    const users = await pull(address, 'users');
    assert.equal(users.filter(({ name }) => name === 'Uploaded' || name === 'Uploade').length, 1);
    // In rows and events of 16 and 12 bytes, pyzk and the vendor's manual differ in what the two bytes of a row mean.
    const [event] = of('event');
    const punches = await pull(address, 'attendance');
    const same = ({ user_id, timestamp }) => user_id === event.user_id && timestamp === event.timestamp;
    const row = punches.find(same);
    assert.ok(row, `the event of ${event.user_id} at ${event.timestamp} is in no row`);
    assert.deepEqual([row.state, row.verify_mode], [event.state, event.verify_mode]);
  });
}

const [, , words = ''] = process.argv;
const chosen = checks.filter(({ name }) => name.includes(words));
assert.ok(chosen.length > 0, `no check has "${words}" in its name`);

let failed = 0;
for (const { name, run } of chosen) {
  const began = Date.now();
  try {
    await run();
    console.log(`ok   ${name} (${((Date.now() - began) / 1_000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${error.message}`);
  }
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
