"""Knows the names of provinces, regencies and districts, past and present; refuses to know where anyone lives now.

Source: Kepmendagri 300.2.2-2138/2025 (`tables/wilayah.json.gz`, licence beside it) and the codes retired when
Kalimantan Utara (2012) and the new Papuan provinces (2022) were split off. Loaded at the first question, not at import.
"""

from functools import cache
from typing import NamedTuple

from layanan.tables import packed, rows


class Region(NamedTuple):
    """What the first six digits of a NIK or KK say; names are None when the code was never in use."""

    province: str | None
    regency: str | None
    district: str | None
    retired: bool


@cache
def _present() -> dict[str, str]:
    return {code.replace(".", ""): name for code, name in packed("wilayah").items()}


@cache
def _retired() -> dict[str, str]:
    return {row["old_code"]: row["old_name"] for row in rows("retired_region_codes")}


def region(digits: str) -> Region:
    """Return the names behind the first six digits; `retired` when the regency's code is no longer issued."""
    province, regency, district = digits[:2], digits[:4], digits[:6]
    names = _present()
    if regency in names:
        return Region(names[province], names[regency], names.get(district), False)
    old = _retired()
    return Region(names.get(province), old.get(regency), old.get(district), regency in old)
