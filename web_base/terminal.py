"""How both commands speak at a terminal: a refusal is one sentence and an exit code, never a trace.

Knows click and the catalogue of problems; refuses to know any command, and loads nothing of the web.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from layanan.problems import Refused

USAGE_EXIT = 64
"""A command that was typed wrongly (EX_USAGE of sysexits.h): click's own 2 would read as `try again later`."""
click.UsageError.exit_code = USAGE_EXIT


def counting(what: str, step: int = 1000) -> Callable[[int], None]:
    """Return a listener that says how far a long task is, every `step` of `what`, beside the command's own output."""
    said = 0

    def tell(done: int) -> None:
        nonlocal said
        if done >= said + step:
            said = done
            click.echo(f"  ... {done} {what}", err=True)

    return tell


class OneSentence(click.Group):
    """A group whose commands refuse with the catalogue's sentence and hint, exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A terminal that cannot show a sign shows a question mark in its place."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except Refused as refused:
            hint = f"\n{refused.hint}" if refused.hint else ""
            raise click.ClickException(refused.sentence() + hint) from None
