"""The protocol between stall and headquarters. No web framework, no database; the only socket is in `link`.

Nothing here reads the clock or decides when to sync: whoever calls says what time it is.
"""
