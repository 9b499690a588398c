// Prints a terminal's log as `pull` does, read by node-zklib. It never tells the state.
const ZKLib = require('node-zklib');

// It prints what it is doing.
console.log = console.error;

async function main() {
  const terminal = new ZKLib('127.0.0.1', Number(process.argv[2]), 60_000, 0);
  await terminal.createSocket();
  const log = await terminal.getAttendances(() => {});
  if (log.err) throw log.err;
  const pad = (number) => String(number).padStart(2, '0');
  const lines = ['user_id,timestamp,state'];
  for (const { deviceUserId, recordTime: t } of log.data) {
    const day = `${t.getFullYear()}-${pad(t.getMonth() + 1)}-${pad(t.getDate())}`;
    lines.push(`${deviceUserId},${day} ${pad(t.getHours())}:${pad(t.getMinutes())}:${pad(t.getSeconds())},`);
  }
  process.stdout.write(`${lines.join('\n')}\n`, () => process.exit(0));
  await terminal.disconnect();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
