"""Reads users and punches with pyzk and prints each as a line of JSON."""

import json
import sys

from zk import ZK


def main(host, port, udp, key):
    terminal = ZK(host, port=port, timeout=10, password=key, force_udp=udp, ommit_ping=True).connect()
    try:
        for user in terminal.get_users():
            print(json.dumps({
                "kind": "user",
                "uid": user.uid,
                "user_id": user.user_id,
                "name": user.name,
                "privilege": user.privilege,
                "card": user.card,
            }))
        for punch in terminal.get_attendance():
            print(json.dumps({
                "kind": "punch",
                "user_id": punch.user_id,
                "timestamp": punch.timestamp.strftime("%Y-%m-%d %H:%M:%S"),
                "state": punch.punch,
                "verify_mode": punch.status,
            }))
        print(json.dumps({"kind": "info", "serial_number": terminal.get_serialnumber()}))
    finally:
        terminal.disconnect()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "udp", int(sys.argv[4]))
