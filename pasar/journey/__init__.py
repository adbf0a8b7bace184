"""A whole market day, played over real HTTP by people drawn from a seed, and the check of what became of them.

May enter: the playing and the counting. May not enter: anything a stall needs for its work, an import of headquarters,
a look into either database (both are seen through their pages and their `ledger --json` only).
"""
