"""A process that saves rows and says so; the tests run, count and kill it.

saver.py DATABASE NAME ROWS CHECKPOINT_EVERY [PAD]   prints each committed row; 0 rows: until killed.
"""

import itertools
import sys
from pathlib import Path

from sqlalchemy import text

from store.lock import WriteLock
from store.sqlite import open_engine
from store.writing import checkpoint, writing

database, name, rows, every = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
engine, lock = open_engine(database), WriteLock(database)
with writing(engine, lock) as session:
    session.execute(text("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, body TEXT UNIQUE, pad TEXT)"))
print("ready", flush=True)
for number in itertools.count() if rows == 0 else range(rows):
    with writing(engine, lock) as session:
        session.execute(text("INSERT INTO note (body, pad) VALUES (:b, :p)"), {"b": f"{name}-{number}", "p": "x" * 900})
    print(f"{name}-{number}", flush=True)
    if every and number % every == 0:
        checkpoint(engine, lock)
