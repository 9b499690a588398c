"""Prints a terminal's log as `pull` does, read by pyzk."""

import csv
import sys

from zk import ZK

connection = ZK("127.0.0.1", port=int(sys.argv[1]), timeout=30, ommit_ping=True).connect()
writer = csv.writer(sys.stdout)
writer.writerow(["user_id", "timestamp", "state"])
# In rows of 16 bytes pyzk has the state where the vendor's manual has the way of verification.
state = "status" if sys.argv[2] == "16" else "punch"
for row in connection.get_attendance():
    writer.writerow([row.user_id, row.timestamp, getattr(row, state)])
connection.disconnect()
