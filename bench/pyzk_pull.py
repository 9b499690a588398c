"""Prints a terminal's log as `pull` does, read by pyzk."""

import csv
import sys

from zk import ZK

connection = ZK("127.0.0.1", port=int(sys.argv[1]), timeout=30, ommit_ping=True).connect()
writer = csv.writer(sys.stdout)
writer.writerow(["user_id", "timestamp", "state"])
for row in connection.get_attendance():
    writer.writerow([row.user_id, row.timestamp, row.punch])
connection.disconnect()
