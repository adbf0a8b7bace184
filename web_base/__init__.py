"""What both web apps share: factory, pages, headers, errors, formats, assets.

Nothing about a permohonan, a stall or headquarters may enter here: no database, no sync, no business rule beyond
the catalogue of problems. Whatever only one of the two apps needs lives in that app.
"""
