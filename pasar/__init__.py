"""The stall: counter pages, receipt, the stall's own status page, the loop that syncs, and its command line.

May not enter: PostgreSQL, headquarters' code, SQL of any kind (the file belongs to `offline_db`), rules of the
service (they belong to `layanan`).
"""
