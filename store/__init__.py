"""SQLite used the safe way: one library, one write lock, durable commits, checkpoints, backup and restore.

Not allowed in here: any table or column, any word of the service, HTTP, Flask. A floor-2 sibling of `sync`.
"""
