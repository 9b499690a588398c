"""Clears the log with pyzk. Says as one line of JSON how many punches it read before and after."""

import json
import sys

from zk import ZK


def main(host, port, udp, key):
    terminal = ZK(host, port=port, timeout=10, password=key, force_udp=udp, ommit_ping=True).connect()
    try:
        before = len(terminal.get_attendance())
        terminal.clear_attendance()
        print(json.dumps({"before": before, "after": len(terminal.get_attendance())}))
    finally:
        terminal.disconnect()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "udp", int(sys.argv[4]))
