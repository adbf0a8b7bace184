"""A stall on a socket that is killed at one moment of a delivery: dying_stall.py FOLDER MOMENT; the phrase is read.

MOMENT is how an SQL statement begins, after the parcel has come; `answer` is when all is done and nothing was said.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from flask import Response, request
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.pasar.cast import Time, make_app
from web_base.serve import Listener, listen


def main(folder: Path, moment: str, phrase: str) -> None:
    app = make_app(folder, Time())
    with app.app_context():
        app.extensions["pasar"].open_day("Budi", phrase, True)
    app.extensions["pasar"].desks.introduce("Budi")

    @event.listens_for(Engine, "before_cursor_execute")
    def at_a_statement(_connection, _cursor, statement, *_rest):  # type: ignore[no-untyped-def]
        if statement.lstrip().startswith(moment):
            os.kill(os.getpid(), signal.SIGKILL)

    @app.after_request
    def before_the_answer(answer: Response) -> Response:
        if moment == "answer" and request.path.startswith("/hp/kiriman/"):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    print(listen(app, [Listener("127.0.0.1", 0)]).ports[0], flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.stdin.readline().strip())
