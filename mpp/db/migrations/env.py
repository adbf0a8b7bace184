"""Runs the migrations on the connection it is given, inside the transaction the caller holds; knows no address."""

from alembic import context

from mpp.db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
