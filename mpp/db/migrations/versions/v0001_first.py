"""The first tables of headquarters, and the rule that the access log only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Column = sa.Column[str] | sa.Column[int] | sa.Column[bytes] | sa.Column[bool]


def upgrade() -> None:
    """Create every table on an empty database."""
    for create in (_office, _stall, _branch, _stall_entry, _sealed_part, _down_entry, _permohonan, _officer, _notes):
        create()
    _make_access_append_only()


def _texts(*names: str, null: bool = False) -> list[_Column]:
    return [sa.Column(name, sa.Text(), nullable=null) for name in names]


def _numbers(*names: str) -> list[_Column]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _raw(name: str) -> _Column:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _named(name: str = "id") -> _Column:
    return sa.Column(name, sa.Text(), primary_key=True)


def _counted(name: str) -> _Column:
    """A number that is part of the key and given by the writer."""
    return sa.Column(name, sa.BigInteger(), primary_key=True, autoincrement=False)


def _of(table: str, *, key: bool = False) -> _Column:
    return sa.Column(table, sa.Text(), sa.ForeignKey(f"{table}.id"), primary_key=key, nullable=False)


def _indexed(table: str, *names: str) -> None:
    for name in names:
        op.create_index(f"ix_{table}_{name}", table, [name])


def _office() -> None:
    op.create_table(
        "headquarters",
        _named(),
        *_numbers("incarnation", "week"),
        *_texts("name", "zone", "complaint", "official_domain", "phone", "privacy_contact", "created_at"),
        *_texts("phrase_confirmed_at", null=True),
    )


def _stall() -> None:
    op.create_table(
        "stall",
        _named(),
        *_texts("name", "place", "label", "down_chain", "created_at"),
        *_numbers("down_seq"),
        *_texts("code_id", "code", "code_until", "code_used_by", "last_heard_at", null=True),
        *(sa.UniqueConstraint(name) for name in ("name", "label", "code_id")),
    )
    device = (_named(), _of("stall"), _raw("public"), *_texts("created_at"))
    op.create_table("device", *device, *_texts("revoked_at", "forked_at", null=True))


def _branch() -> None:
    op.create_table(
        "branch",
        _of("device", key=True),
        _counted("epoch"),
        *_texts("label", "granted_at", "head_chain", "durable_chain"),
        *_numbers("head_seq", "durable_seq"),
        sa.UniqueConstraint("label"),
    )


def _stall_entry() -> None:
    op.create_table(
        "stall_entry",
        sa.Column("id", _NUMBER, primary_key=True),
        _of("stall"),
        *_texts("device", "hash", "kind", "result", "received_at"),
        *_numbers("epoch", "seq"),
        _raw("raw"),
        *_texts("record_id", "problem", null=True),
        sa.UniqueConstraint("device", "epoch", "seq", "hash"),
    )
    _indexed("stall_entry", "record_id", "hash")
    op.create_index("ix_stall_entry_kind", "stall_entry", ["stall", "kind", "epoch", "seq"])


def _sealed_part() -> None:
    op.create_table(
        "sealed_part",
        _named("entry_hash"),
        *_texts("record_id", "key", "device"),
        _raw("body"),
        *_texts("opened_at", "person_key", "subject_key", null=True),
    )
    _indexed("sealed_part", "record_id", "person_key", "subject_key")
    op.create_table("capsule", _named("key"), _named("device"), _raw("capsule"), *_texts("received_at"))


def _down_entry() -> None:
    op.create_table(
        "down_entry",
        _of("stall", key=True),
        _counted("seq"),
        *_numbers("incarnation"),
        *_texts("hash", "chain", "kind", "at"),
        _raw("raw"),
        *_texts("record_id", null=True),
    )
    _indexed("down_entry", "record_id")


def _permohonan() -> None:
    op.create_table(
        "permohonan",
        _named("record_id"),
        *_texts("code", "series", "service", "agency", "status", "masked", "accepted_at", "due", "updated_at"),
        _of("stall"),
        *_numbers("entries", "flagged"),
        *_texts("content_sha256"),
    )
    _indexed("permohonan", "code", "series")
    op.create_index("ix_permohonan_recent", "permohonan", ["updated_at", "record_id"])
    op.create_index("ix_permohonan_inbox", "permohonan", ["agency", "updated_at", "record_id"])
    op.create_index("ix_permohonan_status", "permohonan", ["agency", "status", "updated_at"])


def _officer() -> None:
    op.create_table(
        "officer",
        _named(),
        *_texts("name", "passphrase", "created_at"),
        *_numbers("failures"),
        *_texts("agency", "locked_until", null=True),
        sa.Column("active", sa.Boolean(), nullable=False),
    )


def _notes() -> None:
    numbered = ("access", "officer", "record_id", "reason"), ("alarm", "stall", "device", "kind", "detail")
    for table, *names in numbered:
        op.create_table(table, sa.Column("id", _NUMBER, primary_key=True), *_texts("at", *names))
    _indexed("access", "record_id")


def _make_access_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION access_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the access log only grows'; END $$"
        )
        op.execute(
            "CREATE TRIGGER access_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON access "
            "FOR EACH STATEMENT EXECUTE FUNCTION access_only_grows()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER access_no_{act.lower()} BEFORE {act} ON access "
            "BEGIN SELECT RAISE(ABORT, 'the access log only grows'); END"
        )
