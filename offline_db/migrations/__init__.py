"""The history of the tables, one file a step; each step has a test with data in it. Only Alembic imports these."""
