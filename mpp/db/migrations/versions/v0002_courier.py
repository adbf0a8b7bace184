"""What headquarters remembers of couriers' files: which arrived, their answers, and the number of its own last one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add three tables; what is stored stays as it is."""
    op.create_table(
        "courier_bundle",
        sa.Column("sha256", sa.Text(), primary_key=True, nullable=False),
        *(_of_stall(), _text("device"), _number("epoch"), _number("number")),
        *(_number("head_seq"), _text("cursor"), _number("arrived")),
    )
    op.create_index("ix_courier_bundle_stall", "courier_bundle", ["stall"])
    op.create_table(
        "courier_answer",
        sa.Column("frame", sa.Text(), primary_key=True, nullable=False),
        *(_of_stall(), _text("device"), _number("epoch"), _number("number"), _number("place")),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_courier_answer_stall", "courier_answer", ["stall"])
    op.create_table("courier_counter", _of_stall(key=True), _number("number"))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _of_stall(*, key: bool = False) -> sa.Column[str]:
    return sa.Column("stall", sa.Text(), sa.ForeignKey("stall.id"), primary_key=key, nullable=False)
