"""Settings are read strictly, once, from one table."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path

import pytest

from layanan.problems import Refused
from web_base.settings import Setting, flag, folder_path, read_settings, web_address, whole

TABLE = (
    Setting("data", "X_DATA", "~/data", "folder", folder_path),
    Setting("port", "X_PORT", "8080", "port", whole(0, 65535)),
    Setting("url", "X_URL", "", "address", web_address),
    Setting("lan", "X_LAN", "0", "switch", flag),
)


@dataclass(frozen=True)
class Config:
    data: Path
    port: int
    url: str
    lan: bool


def test_an_option_beats_a_variable_beats_a_default() -> None:
    environ = {"X_PORT": "9000", "X_LAN": "ya", "X_URL": "https://mpp.example/"}
    config = read_settings(Config, TABLE, environ, {"port": "9001", "lan": None})
    assert config == Config(Path.home() / "data", 9001, "https://mpp.example", True)
    with pytest.raises(FrozenInstanceError):
        config.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "text"),
    [("X_PORT", "80a"), ("X_PORT", "70000"), ("X_PORT", "٨٠"), ("X_LAN", "maybe"), ("X_URL", "mpp"), ("X_DATA", " ")],
)
def test_what_cannot_be_read_stops_the_start_with_its_name(name: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_settings(Config, TABLE, {name: text}, {})
    assert name in refused.value.sentence()


def test_an_option_the_table_does_not_know_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError, match="prot"):
        read_settings(Config, TABLE, {}, {"prot": "1"})
