"""Knows the folders of papers a stall sends to an agency: what a list says, what a receipt says of it, what differs.

Refuses to know who carries them and where lists are kept. A folder is what was left at the stall for one request.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from layanan.status import MEANINGS, Status

LEFT = "ditinggal"
"""The mark of a paper that stayed at the stall."""

MOST_FOLDERS = 100
"""Folders on one list: one sheet or three of A4, and an entry well below its 16 KB."""

NOT_TO_SEND = frozenset(
    status for status in Status
    if MEANINGS[status].terminal or status in (Status.DRAF, Status.DIKEMBALIKAN, Status.SELESAI)
)  # fmt: skip
"""Statuses whose papers stay where they are: ended, back with the person, or about to be given back."""


class Arrival(StrEnum):
    """What is known of a folder: on its way, received, on the list and not there, there and not on the list."""

    SENT = "sent"
    RECEIVED = "received"
    MISSING = "missing"
    EXTRA = "extra"


@dataclass(frozen=True)
class Folder:
    """The papers of one request in one list, by their numbers among the service's requirements."""

    record: str
    papers: tuple[int, ...]

    def to_field(self) -> list[Any]:
        """Return the folder as an entry spells it."""
        return [self.record, list(self.papers)]


@dataclass(frozen=True)
class Sending:
    """A list (*daftar kirim berkas*): its number for people, the agency, and its folders in the order of the sheet."""

    number: str
    agency: str
    folders: tuple[Folder, ...]

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of a `papers_sent` entry."""
        folders = [folder.to_field() for folder in self.folders]
        return {"number": self.number, "agency": self.agency, "folders": folders}


@dataclass(frozen=True)
class Receipt:
    """What came of a list, whole: a later one for the same list replaces it. `of` is the hash of the list's entry."""

    of: str
    received: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[Folder, ...] = ()

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of a `papers_received` entry."""
        extra = [folder.to_field() for folder in self.extra]
        return {"list": self.of, "received": list(self.received), "missing": list(self.missing), "extra": extra}


Standing = tuple[Folder, Arrival]


def list_number(label: str, count: int) -> str:
    """Return the number of the `count`-th list that a machine with this label makes, such as GTG-B7."""
    return f"{label}-B{count}"


def left_papers(marks: Iterable[tuple[int, str]], listed: Collection[int] = ()) -> tuple[int, ...]:
    """Return the numbers of the papers that were left at the stall and are not on a list yet."""
    return tuple(sorted({index for index, mark in marks if mark == LEFT} - set(listed)))


def read_sending(fields: Mapping[str, Any]) -> Sending | None:
    """Return the list of an entry's fields, None for nonsense: what a reader cannot use it stores and passes over."""
    number, agency, folders = fields.get("number"), fields.get("agency"), _folders(fields.get("folders"))
    if not isinstance(number, str) or not isinstance(agency, str) or not folders:
        return None
    return Sending(number[:20], agency[:40], folders)


def read_receipt(fields: Mapping[str, Any]) -> Receipt | None:
    """Return the receipt of an entry's fields, None for nonsense."""
    of, extra = fields.get("list"), _folders(fields.get("extra"))
    received, missing = _texts(fields.get("received")), _texts(fields.get("missing"))
    if not isinstance(of, str) or extra is None or received is None or missing is None:
        return None
    return Receipt(of, received, missing, extra)


def standing(folders: Iterable[Folder], receipt: Receipt | None) -> tuple[Standing, ...]:
    """Return every folder of a list and where it stands, those nobody had listed at the end."""
    listed = tuple(folders)
    if receipt is None:
        return tuple((folder, Arrival.SENT) for folder in listed)
    here = {folder.record for folder in listed}
    known = [(folder, _arrival(folder.record, receipt)) for folder in listed]
    return (*known, *((folder, Arrival.EXTRA) for folder in receipt.extra if folder.record not in here))


def _arrival(record: str, receipt: Receipt) -> Arrival:
    if record in receipt.received:
        return Arrival.RECEIVED
    return Arrival.MISSING if record in receipt.missing else Arrival.SENT


def _folders(given: Any) -> tuple[Folder, ...] | None:
    """Each record once; None when one of them is no folder."""
    if not isinstance(given, list | tuple):
        return None
    found: dict[str, Folder] = {}
    for one in given:
        if not isinstance(one, list | tuple) or len(one) != 2 or not isinstance(one[0], str):
            return None
        papers = one[1]
        if not isinstance(papers, list | tuple) or not all(isinstance(paper, int) for paper in papers):
            return None
        found.setdefault(one[0], Folder(one[0], tuple(papers)))
    return tuple(found.values())


def _texts(given: Any) -> tuple[str, ...] | None:
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        return None
    return tuple(dict.fromkeys(given))
