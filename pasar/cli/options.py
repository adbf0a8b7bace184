"""The options many commands share, each with its variable; refuses to know what a command does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from pasar.settings import StallConfig, read_config

Command = TypeVar("Command", bound=Callable[..., Any])
DATABASE = "pasar.sqlite"

data = click.option("--data", metavar="FOLDER", help="Folder data gerai [PASAR_DATA].")
hq_url = click.option("--hq-url", metavar="URL", help="Alamat MPP, boleh lewat proxy [PASAR_HQ_URL].")
as_json = click.option("--json", "as_json", is_flag=True, help="Satu objek JSON per baris.")


def config_of(**given: object) -> StallConfig:
    """The stall's settings: options, then variables, then defaults. Raises Refused("setting_invalid")."""
    return read_config(os.environ, **given)


def database_of(config: StallConfig) -> Path:
    """The stall's file; UsageError when there is none yet, because most commands must not make one by accident."""
    path = config.data / DATABASE
    if not path.exists():
        raise click.UsageError(f"Belum ada gerai di {config.data}. Jalankan dulu: pasar init")
    return path


@contextmanager
def opened(folder: str | None) -> Iterator[StallConfig]:
    """The stall's file open for one command."""
    from offline_db import open_stall

    config = config_of(data=folder)
    with open_stall(database_of(config)):
        yield config
