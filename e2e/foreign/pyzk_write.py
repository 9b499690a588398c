"""Adds a user, renames one and deletes one with pyzk. Says which as one line of JSON."""

import json
import sys

from zk import ZK, const


def main(host, port, udp, key):
    terminal = ZK(host, port=port, timeout=10, password=key, force_udp=udp, ommit_ping=True).connect()
    try:
        users = terminal.get_users()
        renamed, deleted = users[1], users[2]
        terminal.set_user(
            uid=max(user.uid for user in users) + 1,
            name="Added",
            privilege=const.USER_ADMIN,
            password="4711",
            user_id="777001",
            card=4242,
        )
        terminal.set_user(
            uid=renamed.uid,
            name="Renamed",
            privilege=renamed.privilege,
            password=renamed.password,
            user_id=renamed.user_id,
            card=renamed.card,
        )
        terminal.delete_user(uid=deleted.uid)
        print(json.dumps({"added": "777001", "renamed": renamed.user_id, "deleted": deleted.user_id}))
    finally:
        terminal.disconnect()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "udp", int(sys.argv[4]))
