"""The program's processes as the benches here start and watch them."""

import http.client
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 60
TICKS = os.sysconf("SC_CLK_TCK")


def binary():
    """What ZK_ATTENDANCE names, else a release build that is made here."""
    if "ZK_ATTENDANCE" not in os.environ:
        subprocess.run(["cargo", "build", "--release", "--locked", "--package", "app"], cwd=ROOT, check=True)
    return os.environ.get("ZK_ATTENDANCE", ROOT / "target" / "release" / "zk-attendance")


def until(what, look, patience=PATIENCE, pause=0.02):
    """Waits until `look` gives something, and gives that."""
    deadline = time.monotonic() + patience
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come about within {patience} s")
        time.sleep(pause)
    return found


def fresh_folder():
    """On a disk, as `/tmp` may be none, and gone afterwards."""
    (ROOT / "target").mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(dir=ROOT / "target", prefix="bench-")


class Process:
    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Terminals(Process):
    """Virtual terminals in one process; every one is listening once this is made."""

    def __init__(self, *options, count=1, listen="127.0.0.1:0"):
        command = [binary(), "terminal", "--listen", listen, "--count", count, *options]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([*map(str, command)], stdin=pipe, stdout=pipe, text=True)
        lines = [self.process.stdout.readline() for _ in range(count)]
        self.addresses = [re.search(r"listens on (\S+)", line).group(1) for line in lines]

    def order(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


class Serve(Process):
    """`serve` on a free port, open to everybody here, allowed to deliver to loopback."""

    def __init__(self, folder, **settings):
        self.folder = pathlib.Path(folder)
        names = {f"ZK_ATTENDANCE_{name.upper()}": value for name, value in settings.items()}
        environment = {**os.environ, "ZK_ATTENDANCE_OUTBOUND_ALLOW": "127.0.0.0/8", **names}
        environment.pop("ZK_ATTENDANCE", None)
        said = open(self.folder.with_suffix(".said"), "w+")
        command = [binary(), "serve", "--no-auth", "--listen", "127.0.0.1:0", "--data-dir", self.folder]
        self.process = subprocess.Popen(command, env=environment, stderr=said)

        def address():
            said.seek(0)
            return re.search(r"serving http://(\S+)", said.read())

        self.address = until("a server", address).group(1)

    def ask(self, method, path, body=None):
        """What an answer says under `data`."""
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        body = None if body is None else json.dumps(body)
        connection.request(method, path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {text.decode()}")
        return json.loads(text)["data"]

    def devices(self):
        return self.ask("GET", "/api/v1/devices")["devices"]

    def register(self, address, **more):
        return self.ask("POST", "/api/v1/devices", {"address": address, **more})

    def set_live(self, live):
        """Has every terminal tell punches at once (`auto`), or leaves it alone between two contacts (`off`)."""
        for device in self.devices():
            self.ask("PATCH", f"/api/v1/devices/{device['id']}", {"live": live})

    def cpu(self):
        """Seconds of processor time so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, which="VmRSS"):
        """Megabytes: VmRSS is what it has, VmHWM the most it had."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{which}:\s+(\d+) kB", status).group(1)) / 1024

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
