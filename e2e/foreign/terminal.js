// Our virtual terminal as a process of its own, and programs that talk to it.
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const BINARY = process.env.ZK_ATTENDANCE;
const PYTHON = process.env.PYTHON;
const START_MS = 30_000;
const READ_MS = 120_000;

/**
 * Starts a terminal with these flags, hands its host and port to `use`, and stops it again. `order` tells the terminal to do
 * something and gives what it says.
 */
export async function withTerminal(flags, use) {
  const child = spawn(BINARY, ['terminal', '--listen', '127.0.0.1:0', ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    const lines = createInterface({ input: child.stdout });
    const order = (line) => {
      child.stdin.write(`${line}\n`);
      return nextLine(child, lines);
    };
    return await use({ ...addressIn(await nextLine(child, lines)), order });
  } finally {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(late);
  }
}

/** The first line says where it listens. */
function addressIn(line) {
  const found = /(\d+\.\d+\.\d+\.\d+):(\d+)/.exec(line);
  if (!found) throw new Error(`no address in the terminal's first line: ${line}`);
  return { host: found[1], port: found[2] };
}

function nextLine(child, lines) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the terminal said nothing within ${START_MS} ms`)), START_MS);
    const ended = (code) => reject(new Error(`the terminal ended with ${code}`));
    child.once('exit', ended);
    child.once('error', reject);
    lines.once('line', (line) => {
      clearTimeout(late);
      child.off('exit', ended);
      child.off('error', reject);
      resolve(line);
    });
  });
}

/** What our own `pull` reads. */
export function pull({ host, port }, what, flags = []) {
  return run(BINARY, ['pull', `${host}:${port}`, '--what', what, '--format', 'jsonl', ...flags]);
}

/** Runs a reader that is written in Python. */
export function python(script, { host, port }, transport, key) {
  return run(PYTHON, [script, host, port, transport, String(key)]);
}

/** Runs a reader that is written in JavaScript. */
export function node(script, { host, port }, transport) {
  return run(process.execPath, [script, host, port, transport]);
}

/** A program ended with an error or not in time: it read nothing, which is something else than reading what is wrong. */
export class ProgramFailed extends Error {}

/** The lines of JSON that a program prints; it must end well and in time. */
function run(program, args) {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: READ_MS, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) {
        const reason = error.killed ? `did not end within ${READ_MS} ms` : `ended with ${error.code}`;
        const words = stderr.trim().split('\n').slice(-12).join(' | ');
        reject(new ProgramFailed(`${args[0]} ${reason}: ${words}`));
        return;
      }
      try {
        resolve(stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)));
      } catch (parsing) {
        reject(new Error(`${args[0]} printed something else than lines of JSON: ${parsing.message}`));
      }
    });
  });
}
