// Starts the program under test: the demo, or a server with keys, each in a folder and on a port of its own.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const PROGRAM = process.env.ZK_ATTENDANCE_PROGRAM
  ?? new URL("../../target/debug/zk-attendance", import.meta.url).pathname;
const PATIENCE_MS = 30_000;

/** Three virtual terminals, a receiver, and nobody is asked for a key. */
export async function startDemo() {
  const dir = await folder();
  return start(dir, ["demo", "--port", "0", "--data-dir", dir], /open this\s+(http:\/\/\S+)/);
}

/** An empty server that asks for keys, with a key for each role. */
export async function startWithKeys() {
  const dir = await folder();
  const keys = {};
  for (const role of ["viewer", "operator", "admin"]) {
    const made = await promisify(execFile)(
      PROGRAM, ["key", "create", "--name", role, "--role", role, "--data-dir", dir], { env: environment() },
    );
    keys[role] = made.stdout.trim();
  }
  const program = await start(dir, ["serve", "--listen", "127.0.0.1:0", "--data-dir", dir], /serving (http:\/\/\S+)/);
  return { ...program, keys };
}

/** One more virtual terminal, for the demo to be connected to. */
export async function startTerminal(...args) {
  const dir = await folder();
  const program = await start(dir, ["terminal", "--listen", "127.0.0.1:0", ...args], /127\.0\.0\.1:(\d+)/);
  return { port: program.url, stop: program.stop };
}

function folder() {
  return mkdtemp(join(tmpdir(), "zk-attendance-pages-"));
}

function environment() {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith("ZK_ATTENDANCE_"));
  return { ...Object.fromEntries(clean), NO_COLOR: "1" };
}

async function start(dir, args, announced) {
  const child = spawn(PROGRAM, args, { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  let said = "";
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the program did not say where it serves:\n${said}`)), PATIENCE_MS);
    const listen = (text) => {
      said += String(text).replace(/\x1b\[[0-9;]*m/g, "");
      const found = announced.exec(said);
      if (found) {
        clearTimeout(late);
        resolve(found[1]);
      }
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("error", reject);
    exited.then((code) => reject(new Error(`the program ended with ${code}:\n${said}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    await rm(dir, { recursive: true, force: true });
  };
  return { url, stop };
}
