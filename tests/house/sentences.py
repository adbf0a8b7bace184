"""What people read, gathered: every string of code and templates that passes the tongue, and the tables' sentences."""

from __future__ import annotations

from functools import cache

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from layanan.life_event import life_events
from layanan.survei import questions
from layanan.tables import rows
from tests.house.tree import ROOT
from web_base.display import TRANSLATIONS


@cache
def extracted() -> frozenset[str]:
    """Every sentence marked for translation, by the rules of babel.cfg."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(str(ROOT), methods, options)
    return frozenset(str(message) for _file, _line, message, _comments, _context in found)


@cache
def catalogue(language: str) -> Catalog:
    """A catalogue of words as its .po file says it."""
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def indonesian() -> frozenset[str]:
    """All Indonesian text a person may meet on a page: marked strings, problems, hints, statuses, survey, events."""
    tables = [row[name] for row in rows("problems") for name in ("id", "hint")]
    tables += [row[name] for row in rows("statuses") for name in ("label_id", "text_for_shopper_id")]
    tables += [text for each in questions() for text in (each.text, *each.answers)]
    tables += [event.name for event in life_events()]
    return extracted() | frozenset(filter(None, tables))
