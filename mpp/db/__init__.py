"""Headquarters' database: what was received, what was decided, who looked at what.

No web request, page or session may enter here; functions take a SQLAlchemy session and return plain values. One schema
serves PostgreSQL and the embedded SQLite; no opened personal data is ever written to either.
"""
