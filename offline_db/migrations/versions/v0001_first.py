"""The first tables of the stall: who it is, its log and outbox, headquarters' log, the rows, the counter's own."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table in an empty file."""
    _create_logs()
    _create_permohonan()
    _create_counter()


def _text(name: str, *, key: bool = False, null: bool = False, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), primary_key=key, nullable=null, unique=unique or None)


def _whole(name: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), primary_key=key, nullable=null)


def _bytes(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def _one_row(name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint("id = 1", name=name)


def _create_logs() -> None:
    op.create_table(
        "identity",
        *(_whole("id", key=True), _text("device"), _bytes("secret"), _whole("epoch", null=True)),
        *(_text("grant", null=True), _one_row("one_identity")),
    )
    op.create_table(
        "log",
        *(_text("author", key=True), _whole("epoch", key=True), _whole("seq"), _text("chain"), _whole("number")),
        *(_whole(name) for name in ("sent", "answered", "answered_seq", "durable_seq")),
    )
    op.create_table(
        "entry",
        *(_whole("id", key=True), _text("author"), _whole("epoch"), _whole("seq"), _text("kind")),
        *(_text("record_id", null=True), _text("hash"), _text("chain"), _bytes("raw"), _bytes("sealed", null=True)),
        sa.UniqueConstraint("author", "epoch", "seq", name="entry_place"),
    )
    op.create_index("entry_record", "entry", ["record_id"])
    op.create_table(
        "outbox",
        sa.Column("entry_id", sa.Integer(), sa.ForeignKey("entry.id"), primary_key=True),
        *(_text("hash", unique=True), _text("at"), _text("sent_at", null=True)),
    )
    op.create_table(
        "refusal",
        sa.Column("entry_id", sa.Integer(), sa.ForeignKey("entry.id"), primary_key=True),
        *(_text("result"), _text("problem", null=True)),
    )
    _create_headquarters_log()


def _create_headquarters_log() -> None:
    op.create_table(
        "hq_entry",
        *(_whole("seq", key=True), _whole("incarnation"), _text("kind"), _text("record_id", null=True)),
        *(_text("hash"), _text("chain"), _bytes("raw"), _bytes("proof", null=True)),
    )
    op.create_index("hq_entry_record", "hq_entry", ["record_id"])
    op.create_table(
        "book",
        *(_whole("id", key=True), _text("author"), _whole("incarnation"), _whole("seq"), _text("chain")),
        _one_row("one_book"),
    )
    op.create_table(
        "sync",
        *(_whole("id", key=True), _text("tried_at"), _text("answered_at", null=True), _text("problem", null=True)),
        _one_row("one_sync"),
    )


def _create_permohonan() -> None:
    words = ("series", "last4", "day", "device")
    more = ("stall", "operator", "service", "agency", "status", "masked", "relation", "priority")
    late = ("due", "receipt_sig", "receipt_date", "accepted_at", "updated_at")
    op.create_table(
        "permohonan",
        *(_whole("id", key=True), _text("record_id", unique=True), _text("code", unique=True)),
        *(_text(name) for name in words),
        _whole("epoch"),
        *(_text(name) for name in more),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("papers", "slots")),
        *(_text(name) for name in late),
        *(_whole("entries"), _whole("flagged")),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("erased", "delivered")),
        *(_bytes("form_mac", null=True), _text("form_key", null=True)),
    )
    op.create_index("permohonan_series", "permohonan", ["series"])
    op.create_index("permohonan_day", "permohonan", ["day"])
    op.create_index("permohonan_last4", "permohonan", ["day", "last4"])
    op.create_index("permohonan_status", "permohonan", ["status"])


def _create_counter() -> None:
    op.create_table(
        "operator",
        *(_text("name", key=True), _bytes("salt"), _bytes("verifier")),
        *(_bytes("pin_salt", null=True), _bytes("pin_hash", null=True), _whole("failures")),
    )
    op.create_table("shift_key", _text("key", key=True), _text("device"), _bytes("capsule"), _text("day"))
    op.create_table(
        "shift_wrap",
        sa.Column("key", sa.String(), sa.ForeignKey("shift_key.key"), primary_key=True),
        sa.Column("operator", sa.String(), sa.ForeignKey("operator.name", ondelete="CASCADE"), primary_key=True),
        _bytes("wrapped"),
    )
    op.create_table("draft", _text("record_id", key=True), _text("key"), _bytes("sealed"), _text("day"))
    op.create_table("visit", _text("visit_id", key=True), _text("day"), _text("service"))
    op.create_index("visit_day", "visit", ["day", "service"])
