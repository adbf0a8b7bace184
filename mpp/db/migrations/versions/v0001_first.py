"""The first tables of headquarters, and the rule that the access log only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table on an empty database."""
    _create_office()
    _create_log()
    _create_desk()
    _make_access_append_only()


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _create_office() -> None:
    op.create_table(
        "headquarters",
        sa.Column("id", sa.Text(), primary_key=True),
        _whole("incarnation"),
        _text("name"),
        _text("zone"),
        _whole("week"),
        _text("complaint"),
        _text("official_domain"),
        _text("phone"),
        _text("privacy_contact"),
        _text("created_at"),
        _text("phrase_confirmed_at", null=True),
    )
    op.create_table(
        "stall",
        sa.Column("id", sa.Text(), primary_key=True),
        _text("name"),
        _text("place"),
        _text("label"),
        _text("code_id", null=True),
        _text("code", null=True),
        _text("code_until", null=True),
        _text("code_used_by", null=True),
        _whole("down_seq"),
        _text("down_chain"),
        _text("created_at"),
        _text("last_heard_at", null=True),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("label"),
        sa.UniqueConstraint("code_id"),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("stall", sa.Text(), sa.ForeignKey("stall.id"), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        _text("created_at"),
        _text("revoked_at", null=True),
        _text("forked_at", null=True),
    )


def _create_log() -> None:
    op.create_table(
        "branch",
        sa.Column("device", sa.Text(), sa.ForeignKey("device.id"), primary_key=True),
        sa.Column("epoch", sa.BigInteger(), primary_key=True, autoincrement=False),
        _text("label"),
        _text("granted_at"),
        _whole("head_seq"),
        _text("head_chain"),
        _whole("durable_seq"),
        _text("durable_chain"),
        sa.UniqueConstraint("label"),
    )
    op.create_table(
        "stall_entry",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("stall", sa.Text(), sa.ForeignKey("stall.id"), nullable=False),
        _text("device"),
        _whole("epoch"),
        _whole("seq"),
        _text("hash"),
        _text("kind"),
        _text("record_id", null=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        _text("result"),
        _text("problem", null=True),
        _text("received_at"),
        sa.UniqueConstraint("device", "epoch", "seq", "hash"),
    )
    op.create_index("ix_stall_entry_record_id", "stall_entry", ["record_id"])
    op.create_index("ix_stall_entry_hash", "stall_entry", ["hash"])
    op.create_index("ix_stall_entry_kind", "stall_entry", ["stall", "kind", "epoch", "seq"])
    op.create_table(
        "sealed_part",
        sa.Column("entry_hash", sa.Text(), primary_key=True),
        _text("record_id"),
        _text("key"),
        _text("device"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        *(_text(name, null=True) for name in ("opened_at", "person_key", "subject_key")),
    )
    for name in ("record_id", "person_key", "subject_key"):
        op.create_index(f"ix_sealed_part_{name}", "sealed_part", [name])
    op.create_table(
        "capsule",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("device", sa.Text(), primary_key=True),
        sa.Column("capsule", sa.LargeBinary(), nullable=False),
        _text("received_at"),
    )
    op.create_table(
        "down_entry",
        sa.Column("stall", sa.Text(), sa.ForeignKey("stall.id"), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        _whole("incarnation"),
        _text("hash"),
        _text("chain"),
        _text("kind"),
        _text("record_id", null=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        _text("at"),
    )
    op.create_index("ix_down_entry_record_id", "down_entry", ["record_id"])


def _create_desk() -> None:
    op.create_table(
        "permohonan",
        sa.Column("record_id", sa.Text(), primary_key=True),
        *(_text(name) for name in ("code", "series", "service", "agency")),
        sa.Column("stall", sa.Text(), sa.ForeignKey("stall.id"), nullable=False),
        *(_text(name) for name in ("status", "masked", "accepted_at", "due")),
        _whole("entries"),
        _text("content_sha256"),
        _whole("flagged"),
        _text("updated_at"),
    )
    for name in ("code", "series"):
        op.create_index(f"ix_permohonan_{name}", "permohonan", [name])
    op.create_index("ix_permohonan_inbox", "permohonan", ["agency", "updated_at", "record_id"])
    op.create_index("ix_permohonan_status", "permohonan", ["agency", "status", "updated_at"])
    op.create_table(
        "officer",
        sa.Column("id", sa.Text(), primary_key=True),
        _text("name"),
        _text("agency", null=True),
        _text("passphrase"),
        _whole("failures"),
        _text("locked_until", null=True),
        _text("created_at"),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "access",
        sa.Column("id", _NUMBER, primary_key=True),
        *(_text(name) for name in ("at", "officer", "record_id", "reason")),
    )
    op.create_index("ix_access_record_id", "access", ["record_id"])
    op.create_table(
        "alarm",
        sa.Column("id", _NUMBER, primary_key=True),
        *(_text(name) for name in ("at", "stall", "device", "kind", "detail")),
    )


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
