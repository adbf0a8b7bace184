"""Lists of the folders that went to the agencies, and where each folder stands."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add two tables; what is stored stays as it is."""
    op.create_table(
        "berkas_list",
        sa.Column("hash", sa.String(), primary_key=True, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("number", "agency", "day", "at", "operator")),
        sa.Column("received_at", sa.String(), nullable=True),
    )
    op.create_index("berkas_list_day", "berkas_list", ["day"])
    op.create_index("berkas_list_at", "berkas_list", ["at"])
    op.create_index("berkas_list_number", "berkas_list", ["number"])
    op.create_table(
        "berkas_folder",
        sa.Column("list", sa.String(), sa.ForeignKey("berkas_list.hash"), primary_key=True, nullable=False),
        sa.Column("record_id", sa.String(), primary_key=True, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
    )
    op.create_index("berkas_folder_record", "berkas_folder", ["record_id"])
    op.create_index("berkas_folder_state", "berkas_folder", ["state"])
