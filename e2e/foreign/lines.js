// The lines of JSON that the readers print, and their times as `pull` writes them.
import { writeSync } from 'node:fs';

export function printUser(user) {
  print({ kind: 'user', ...user });
}

export function printPunch({ time, ...punch }) {
  print({ kind: 'punch', timestamp: localTime(time), ...punch });
}

// Synchronous, so that nothing is lost when the process is ended.
function print(line) {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function localTime(date) {
  const two = (number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
