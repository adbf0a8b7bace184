"""The floor of saving: a Flask-SQLAlchemy POST that commits one plain row, under the product's own server.

Knows as little as it can: no check, no sealing, no sign-in, no receipt. `python -m bench.floor FOLDER PORT THREADS`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import uuid4

from cheroot.wsgi import Server
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

FIELDS = ("service", "relation", "name", "nik", "phone", "address", "notes")


class Base(DeclarativeBase):
    """The floor's one table hangs on it."""


class PlainRow(Base):
    """One request as a beginner would store it."""

    __tablename__ = "plain_row"
    id: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str]
    relation: Mapped[str]
    name: Mapped[str]
    nik: Mapped[str]
    phone: Mapped[str]
    address: Mapped[str]
    notes: Mapped[str]


def make_app(folder: Path) -> Flask:
    """The app over `folder/floor.db`, as durable as the stall: WAL, synchronous=FULL."""
    app = Flask("floor")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder / 'floor.db'}"
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"timeout": 30}}
    db = SQLAlchemy(app, model_class=Base)

    @app.get("/healthz")
    def health() -> dict[str, bool]:
        return {"ok": True}

    @app.post("/")
    def save() -> tuple[str, int]:
        given = request.get_json()
        db.session.add(PlainRow(id=str(uuid4()), **{name: str(given.get(name, "")) for name in FIELDS}))
        db.session.commit()
        return "ok", 201

    with app.app_context():
        event.listen(db.engine, "connect", _as_durable)
        db.create_all()
    return app


def _as_durable(connection: object, _: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    server = Server(("127.0.0.1", port), make_app(folder), numthreads=int(sys.argv[3]))
    try:
        server.start()
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
