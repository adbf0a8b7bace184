"""Headquarters: the regency's MPP takes in what the stalls send, its agencies decide, and every status flows back.

Nothing of a stall may enter here: neither its database (`offline_db`) nor its counter (`pasar`). What both sides must
agree on stands in `layanan` and `sync`.
"""
