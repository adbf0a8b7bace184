"""Knows how the table of settings becomes options of commands; refuses to know what a command does."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from mpp.config import SETTINGS, read_config

Command = Callable[..., Any]
EVERYWHERE = ("data", "database_url")


def configured(*names: str) -> Callable[[Command], Command]:
    """Give a command options for the named settings, and for where the database is; it gets them as `config`."""
    wanted = [setting for setting in SETTINGS if setting.name in {*EVERYWHERE, *names}]

    def decorate(command: Command) -> Command:
        @wraps(command)
        def configured_command(**given: Any) -> Any:
            overrides = {setting.name: given.pop(setting.name) for setting in wanted}
            return command(config=read_config(**overrides), **given)

        decorated: Command = configured_command
        for setting in reversed(wanted):
            flag = "--" + setting.name.replace("_", "-")
            text = f"{setting.help}; {setting.env}"
            decorated = click.option(flag, setting.name, default=None, metavar="TEKS", help=text)(decorated)
        return decorated

    return decorate
