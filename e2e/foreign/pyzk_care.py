"""Reads and writes templates with pyzk, opens the door, plays a sound and waits for a punch. Says what it saw as lines of
JSON."""

import json
import sys

from zk import ZK
from zk.finger import Finger

PATIENCE_SECONDS = 10


def main(host, port, udp, key):
    terminal = ZK(host, port=port, timeout=10, password=key, force_udp=udp, ommit_ping=True).connect()
    try:
        for finger in terminal.get_templates():
            print_finger("template", finger)
        users = terminal.get_users()
        print_finger("single", terminal.get_user_template(uid=users[0].uid, temp_id=0))

        somebody = users[1]
        somebody.name = "Uploaded"
        fingers = [Finger(somebody.uid, finger, 1, b"MySS21" + bytes(range(1, 250)) * 6) for finger in (6, 7)]
        terminal.save_user_template(somebody, fingers)
        for finger in terminal.get_templates():
            if finger.uid == somebody.uid:
                print_finger("uploaded", finger)
        terminal.delete_user_template(uid=somebody.uid, temp_id=6)

        terminal.unlock(time=3)
        print(json.dumps({"kind": "voice", "played": terminal.test_voice(index=4)}))

        for punch in terminal.live_capture(new_timeout=PATIENCE_SECONDS):
            if punch is None:
                raise SystemExit(f"nobody punched within {PATIENCE_SECONDS} s")
            terminal.end_live_capture = True
            print(json.dumps({
                "kind": "event",
                "user_id": punch.user_id,
                "timestamp": punch.timestamp.strftime("%Y-%m-%d %H:%M:%S"),
                "state": punch.punch,
                "verify_mode": punch.status,
            }))
    finally:
        terminal.disconnect()


def print_finger(kind, finger):
    print(json.dumps({
        "kind": kind,
        "uid": finger.uid,
        "finger": finger.fid,
        "valid": finger.valid,
        "template": finger.template.hex(),
    }))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "udp", int(sys.argv[4]))
