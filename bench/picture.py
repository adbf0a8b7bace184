"""Draws seconds and bytes of a busy day against the speed of the link, as one SVG of plain code.

Knows lines, axes and colours; refuses to know where the figures come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import log10

WIDTH, HEIGHT = 960, 500
TOP, BOTTOM = 118, 424
INK, QUIET, GRID, PAPER = "#1f2933", "#5f6c7b", "#e4e7eb", "#ffffff"
NAMES = {
    "pouchdb": ("PouchDB 9", "#c2410c", ""),
    "morango": ("Morango (Kolibri)", "#a16207", ""),
    "floor-sealed": ("sealed floor", "#64748b", "5 4"),
    "floor": ("floor", "#94a3b8", "2 4"),
    "ours": ("ours", "#0f766e", ""),
}
SAID = {"ours": "sealed, signed", "floor": "in the clear", "floor-sealed": "no log, no status"}
UNDER = "The same records for everyone, until both sides hold them. Both axes are logarithmic; lower is better."
LINKS = {"10": "GSM", "50": "GPRS", "120": "EDGE", "400": "3G", "2000": "4G, edge"}
Told = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True)
class Panel:
    """One plot: where it stands, what it shows, and the ends of its axis (both axes are logarithmic)."""

    left: int
    right: int
    title: str
    of: str
    ticks: Sequence[tuple[float, str]]
    low: float
    high: float

    def x(self, speed: float) -> float:
        return self.left + (self.right - self.left) * (log10(speed) - log10(9)) / (log10(2200) - log10(9))

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))


SECONDS = Panel(
    66, 500, "Seconds until all of it is confirmed", "seconds",
    [(0.3, "0.3 s"), (1, "1 s"), (3, "3 s"), (10, "10 s"), (30, "30 s"), (100, "100 s"), (300, "5 min")], 0.25, 300,
)  # fmt: skip
BYTES = Panel(
    592, 764, "Bytes on the link, both ways", "bytes",
    [(n, f"{n // 1000} KB") for n in (30_000, 50_000, 100_000, 200_000, 300_000)], 28_000, 310_000,
)  # fmt: skip


def draw(told: Told) -> str:
    """The picture: a light page of its own, so that it reads the same on a dark one."""
    told = {speed: told[speed] for speed in sorted(told, key=float)}
    said = "One market day of 300 requests over links from 10 kbit/s to 2 Mbit/s"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}" '
        'font-family="system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{PAPER}"/>',
        _text(28, 40, "One market day, 300 requests, over a bad link", size=21, weight=650),
        _text(28, 63, UNDER, fill=QUIET),
    ]  # fmt: skip
    for panel in (SECONDS, BYTES):
        parts += [*_axes(panel, told), *_lines(panel, told)]
    parts += [*_names(told), "</svg>"]
    return "\n".join(parts) + "\n"


def _axes(panel: Panel, told: Told) -> Iterator[str]:
    yield _text(panel.left, TOP - 18, panel.title, weight=600)
    for value, label in panel.ticks:
        at = panel.y(value)
        yield f'<path d="M{panel.left} {at:.1f}H{panel.right}" stroke="{GRID}"/>'
        yield _text(panel.left - 8, at + 4, label, fill=QUIET, anchor="end")
    for speed in told:
        at = panel.x(float(speed))
        yield f'<path d="M{at:.1f} {BOTTOM}v5" stroke="{QUIET}"/>'
        if panel is SECONDS or speed in ("10", "50", "400", "2000"):
            yield _text(at, BOTTOM + 20, speed, fill=QUIET, anchor="middle")
            yield _text(at, BOTTOM + 36, LINKS.get(speed, ""), fill=QUIET, anchor="middle", size=11)
    yield f'<path d="M{panel.left} {BOTTOM}H{panel.right}" stroke="{QUIET}"/>'
    yield _text((panel.left + panel.right) / 2, BOTTOM + 58, "kbit/s up", fill=QUIET, anchor="middle")


def _lines(panel: Panel, told: Told) -> Iterator[str]:
    for name, (_, colour, dash) in NAMES.items():
        known = [(float(speed), all_[name][panel.of]) for speed, all_ in told.items() if name in all_]
        points = [(panel.x(speed), panel.y(value)) for speed, value in known]
        if not points:
            continue
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        thick = 3.2 if name == "ours" else 2
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{thick}"{dashed}/>'
        if not dash:
            yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{thick + 0.6}" fill="{colour}"/>' for x, y in points)
            if panel is SECONDS:
                yield from _figures(name, told, colour)


def _figures(name: str, told: Told, colour: str) -> Iterator[str]:
    """The seconds themselves: over the slowest, under the others."""
    for speed, all_ in told.items():
        seconds = all_[name]["seconds"]
        slowest = seconds == max(one["seconds"] for one in all_.values())
        at = SECONDS.x(float(speed)) + (6 if slowest else -12), SECONDS.y(seconds) + (-10 if slowest else 18)
        said = f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}"
        yield _text(*at, said, fill=colour, anchor="middle", size=11, weight=600 if name == "ours" else 400)


def _names(told: Told) -> Iterator[str]:
    """Beside the right end of each line of the bytes, moved apart where two would touch."""
    end = list(told.values())[-1]
    wanted = sorted(((BYTES.y(end[name]["bytes"]), name) for name in NAMES if name in end), reverse=True)
    places = _apart([y for y, _ in wanted], 34)
    for (y, name), at in zip(wanted, places, strict=True):
        label, colour, _ = NAMES[name]
        bold = 650 if name == "ours" else 500
        yield f'<path d="M{BYTES.right - 8} {y:.1f}L{BYTES.right + 8} {at:.1f}" stroke="{colour}" stroke-width="1"/>'
        each = ", ".join(filter(None, (f"{end[name]['bytes'] / 300:.0f} B each", SAID.get(name))))
        yield _text(BYTES.right + 14, at + 1, label, fill=colour, weight=bold)
        yield _text(BYTES.right + 14, at + 15, each, fill=QUIET, size=11)


def _apart(places: Sequence[float], least: float) -> list[float]:
    """The places from the lowest on the page upwards, none nearer to the one below than `least`."""
    moved: list[float] = []
    for place in places:
        moved.append(min(place, moved[-1] - least) if moved else place)
    return moved


def _text(
    x: float, y: float, words: str, *, fill: str = INK, anchor: str = "start", size: int = 13, weight: int = 400
) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" fill="{fill}" text-anchor="{anchor}"'
    return f'<text {where} font-size="{size}" font-weight="{weight}">{escape(words)}</text>'
