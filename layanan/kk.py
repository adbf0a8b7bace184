"""Knows what the sixteen digits of a family card number (No. KK) say; refuses to tell one from a NIK by form alone.

Region + date of the card (no + 40 for women) + serial. Unlike a NIK it can change.
"""

from dataclasses import dataclass
from datetime import date

from layanan.nik import Finding, Severity, real_date, region_findings, sixteen_digits
from layanan.regions import region


@dataclass(frozen=True)
class KkReading:
    """What a No. KK says; `kk` is empty when it is blocked."""

    kk: str
    findings: tuple[Finding, ...] = ()
    card_date: date | None = None
    province: str | None = None
    regency: str | None = None
    district: str | None = None

    @property
    def severity(self) -> Severity:
        """The gravest of the findings; OK without any."""
        return max((finding.severity for finding in self.findings), key=list(Severity).index, default=Severity.OK)


def _card_date(digits: str, on: date) -> date | None:
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    dates = (real_date(century + year, month, day) for century in (2000, 1900))
    return next((card for card in dates if card and card <= on), None)


def read_kk(text: str, *, on: date, nik: str = "") -> KkReading:
    """Return what a typed No. KK says on the day `on`; warns EQUALS_NIK when it repeats the NIK given. Never raises."""
    digits, block = sixteen_digits(text)
    if block:
        return KkReading("", (block,))
    findings = region_findings(digits)
    card_date = _card_date(digits, on)
    if card_date is None:
        findings.append(Finding("DATE_IMPOSSIBLE", Severity.WARN))
    if digits.endswith("0000"):
        findings.append(Finding("SERIAL_ZERO", Severity.WARN))
    if nik and digits == sixteen_digits(nik)[0]:
        findings.append(Finding("EQUALS_NIK", Severity.WARN))
    return KkReading(digits, tuple(findings), card_date, *region(digits)[:3])
