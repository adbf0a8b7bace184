"""The stall's SQLite file: what was taken at the counter, what waits for headquarters, what headquarters said.

Not allowed in here: web pages, sessions, requests, HTTP, the clock (callers bring the moment), and any opened personal
data at rest. Reads go through `db.session` or `reading()`, writes through `writing()` and nothing else.
"""

from offline_db.base import Base, backup, checkpoint, db, integrity, reading, writing
from offline_db.opening import init_app, open_stall, restore

__all__ = ["Base", "backup", "checkpoint", "db", "init_app", "integrity", "open_stall", "reading", "restore", "writing"]
