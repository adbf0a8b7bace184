"""One table of settings per app (name, variable, default, help, reader), read once into a frozen object.

Knows how to read strictly; refuses to know any setting. A value that cannot be read stops the start with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from layanan.problems import Refused

Shape = TypeVar("Shape")


@dataclass(frozen=True)
class Setting:
    """One line of the table. `parse` turns text into the value and raises ValueError when it cannot."""

    name: str
    env: str
    default: str
    help: str
    parse: Callable[[str], object] = str


def whole(low: int, high: int) -> Callable[[str], int]:
    """Reader of a whole number within [low, high]."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
            raise ValueError(f"{low}-{high}")
        return int(text)

    return parse


def flag(text: str) -> bool:
    """Reader of a switch: 1/0, yes/no, true/false, ya/tidak."""
    word = text.strip().lower()
    if word in {"1", "yes", "true", "ya", "on"}:
        return True
    if word in {"", "0", "no", "false", "tidak", "off"}:
        return False
    raise ValueError("1/0")


def folder_path(text: str) -> Path:
    """Reader of a folder; `~` is the home folder. The folder need not exist yet."""
    if not text.strip():
        raise ValueError("path")
    return Path(text).expanduser().resolve()


def web_address(text: str) -> str:
    """Reader of an http(s) address without a trailing slash; empty when there is none."""
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("http(s)://")
    return text.rstrip("/")


def read_settings(
    shape: type[Shape], table: Sequence[Setting], environ: Mapping[str, str], overrides: Mapping[str, object | None]
) -> Shape:
    """`shape` (a frozen dataclass with the table's names) filled from overrides, then variables, then defaults.

    An override of None means not given. Raises Refused("setting_invalid", name, expected) for a value that cannot
    be read, and KeyError for an override the table does not name.
    """
    names = {setting.name for setting in table}
    unknown = set(overrides) - names
    if unknown:
        raise KeyError(f"not in the table of settings: {', '.join(sorted(unknown))}")
    return shape(**{setting.name: _value(setting, environ, overrides.get(setting.name)) for setting in table})


def _value(setting: Setting, environ: Mapping[str, str], override: object | None) -> object:
    if override is not None and not isinstance(override, str):
        return override
    text = override if override is not None else environ.get(setting.env, setting.default)
    try:
        return setting.parse(text)
    except ValueError as error:
        raise Refused("setting_invalid", name=setting.env, expected=str(error)) from None
