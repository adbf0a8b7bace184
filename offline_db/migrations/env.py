"""Runs the steps on the connection it is given, inside the transaction the caller holds; knows no file."""

from alembic import context

from offline_db import models

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.IdentityRow.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
