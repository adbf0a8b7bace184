"""A counter that saves until it is killed and prints each receipt it would have shown: saving.py DATABASE COUNT."""

import itertools
import sys
from pathlib import Path

from offline_db import checkpoint
from offline_db.permohonan import accept
from tests.offline_db.desk import new_form, opened

path, count = Path(sys.argv[1]), int(sys.argv[2])
with opened(path) as counter:
    print("ready", flush=True)
    for number in itertools.count() if count == 0 else range(count):
        stored = accept(new_form(), counter.desk())
        print(stored.record_id, stored.code, stored.series, flush=True)
        if number % 9 == 8:
            checkpoint()
