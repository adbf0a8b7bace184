"""Knows what the sixteen digits of a NIK say and how sure that is; refuses to know whose it is (Dukcapil alone does).

PPKKCC (region of first registration) + DDMMYY (women: day + 40) + serial: PP 37/2007 art. 37. A NIK never changes,
not on moving and not when the birth date is corrected (PP 40/2019 art. 30), so most oddities warn and do not block.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from layanan.reading import said
from layanan.regions import region

LENGTH = 16
_FEMALE = 40
_OLDEST = 120
_SEPARATORS = str.maketrans("", "", " .-\u00a0")


class Severity(StrEnum):
    """What a finding asks for: nothing, a remark, a second look by the operator, or another number."""

    OK = "OK"
    INFO = "INFO"
    WARN = "WARN"
    BLOCK = "BLOCK"


class NikOverride(StrEnum):
    """Why a NIK that warns is right all the same."""

    KTP = "sesuai KTP-el"
    KK = "sesuai KK"
    LAIN = "lainnya"


NIK_ABSENT_REASONS = {
    "bayi_baru_lahir": "Bayi baru lahir, belum punya NIK",
    "belum_pernah_terdaftar": "Belum pernah terdaftar",
    "wna": "Warga negara asing",
    "lainnya": "Lainnya",
}
"""Why a person may have no NIK: a malformed one is refused, a missing one with a reason is lawful."""
_ABSENT_EN = {
    "bayi_baru_lahir": "Newborn, has no NIK yet",
    "belum_pernah_terdaftar": "Never registered",
    "wna": "Foreign citizen",
    "lainnya": "Other",
}


def absent_label(reason: str) -> str:
    """Return a reason in the language that is read now; an unknown one as it is."""
    return said(NIK_ABSENT_REASONS.get(reason, reason), _ABSENT_EN.get(reason, ""))


class Finding(NamedTuple):
    """One thing worth saying about a number, by code, for example DATE_IMPOSSIBLE."""

    code: str
    severity: Severity


@dataclass(frozen=True)
class NikReading:
    """What a NIK says. `nik` is empty when it is blocked; the birth date is a reading, never a fact to print."""

    nik: str
    findings: tuple[Finding, ...] = ()
    birth_date: date | None = None
    birth_date_alt: date | None = None
    sex: str | None = None
    province: str | None = None
    regency: str | None = None
    district: str | None = None

    @property
    def severity(self) -> Severity:
        """The gravest of the findings; OK without any."""
        return max((finding.severity for finding in self.findings), key=list(Severity).index, default=Severity.OK)


def sixteen_digits(text: str) -> tuple[str, Finding | None]:
    """Return the digits without blanks, dots and dashes, or "" and the finding that blocks them."""
    digits = text.translate(_SEPARATORS).strip()
    if not (digits.isascii() and digits.isdigit()):
        return "", Finding("NON_DIGIT", Severity.BLOCK)
    if len(digits) != LENGTH:
        return "", Finding("LENGTH", Severity.BLOCK)
    if len(set(digits)) == 1:
        return "", Finding("ALL_SAME", Severity.BLOCK)
    return digits, None


def region_findings(digits: str) -> list[Finding]:
    """Return what is odd about the first six digits of a NIK or KK."""
    place = region(digits)
    if place.province is None:
        return [Finding("PROV_UNKNOWN", Severity.WARN)]
    if place.regency is None:
        return [Finding("REG_UNKNOWN", Severity.WARN)]
    if place.retired:
        return [Finding("REG_RETIRED", Severity.INFO)]
    return [] if place.district else [Finding("DIST_UNKNOWN", Severity.INFO)]


def real_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None when the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _sex(day: int) -> str | None:
    if 1 <= day <= 31:
        return "L"
    return "P" if 1 <= day - _FEMALE <= 31 else None


def _births(digits: str, on: date) -> list[date]:
    """Readings of the birth date, the likelier first: this century unless that is still to come, then the last one."""
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    day -= _FEMALE if day > _FEMALE else 0
    century = on.year - on.year % 100
    readings = (real_date(century + year, month, day), real_date(century - 100 + year, month, day))
    possible = [born for born in readings if born and born <= on]
    return possible[:1] + [born for born in possible[1:] if _age(born, on) <= _OLDEST]


def _declared(reading: NikReading, dob: date | None, sex: str | None) -> NikReading:
    """Take the reading the person's own birth date points at; what differs in both is a warning."""
    findings = list(reading.findings)
    if dob and reading.birth_date:
        if dob == reading.birth_date_alt:
            reading = replace(reading, birth_date=dob, birth_date_alt=reading.birth_date)
            findings.append(Finding("CENTURY_AMBIGUOUS", Severity.INFO))
        elif dob != reading.birth_date:
            findings.append(Finding("DOB_MISMATCH", Severity.WARN))
    if sex and reading.sex and sex != reading.sex:
        findings.append(Finding("SEX_MISMATCH", Severity.WARN))
    return replace(reading, findings=tuple(findings))


def _grown_up(reading: NikReading, on: date, dob: date | None) -> NikReading:
    born = dob or reading.birth_date
    if born is None or _age(born, on) >= 17:
        return reading
    findings = [*reading.findings, Finding("UNDER_17", Severity.WARN)]
    if reading.birth_date_alt and dob is None:
        findings.append(Finding("CENTURY_AMBIGUOUS", Severity.INFO))
    return replace(reading, findings=tuple(findings))


def read_nik(
    text: str,
    *,
    on: date,
    declared_dob: date | None = None,
    declared_sex: str | None = None,
    adult_required: bool = False,
) -> NikReading:
    """Return what a typed NIK says on the day `on`; sex is 'L' or 'P'. Never raises: findings tell what is wrong.

    BLOCK: it cannot be a NIK; WARN: it should be typed again and a `NikOverride` given; INFO only informs.
    """
    digits, block = sixteen_digits(text)
    if block:
        return NikReading("", (block,))
    births = [*_births(digits, on), None, None]
    findings = region_findings(digits)
    if births[0] is None:
        findings.append(Finding("DATE_IMPOSSIBLE", Severity.WARN))
    if digits.endswith("0000"):
        findings.append(Finding("SERIAL_ZERO", Severity.WARN))
    place = region(digits)
    reading = NikReading(digits, tuple(findings), births[0], births[1], _sex(int(digits[6:8])), *place[:3])
    reading = _declared(reading, declared_dob, declared_sex)
    return _grown_up(reading, on, declared_dob) if adult_required else reading


def grouped(text: str | None) -> str:
    """Return sixteen digits in groups of four, as a person reads them aloud; any other text as it is."""
    found, block = sixteen_digits(text or "")
    return text or "" if block else " ".join(found[at : at + 4] for at in range(0, LENGTH, 4))


def masked_nik(nik: str) -> str:
    """Return the NIK as screens and slips may show it: 3510********9901."""
    return f"{nik[:4]}********{nik[-4:]}"
