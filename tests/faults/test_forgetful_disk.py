"""Real processes on a real file system that forgets what was not synced: the power goes, at any call, by seed.

The disk is mounted again afterwards, as it was left. Needs FUSE and root: `make faults` only.
"""

from __future__ import annotations

import errno
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import DBAPIError

import mpp.courier
from layanan.problems import PROBLEMS, Refused
from mpp.office import open_office
from pasar.demo_children import ask
from tests.faults.act import STALL, hq_config
from tests.faults.market import act, aftermath, judged
from tests.faults.mounted import ROOT, mounted

pytestmark = [pytest.mark.faults, pytest.mark.full]
SEEDS = range(20)


def aged(path: Path) -> None:
    """Make the stall's file one of the first version, with what its tables hold of what is stored."""
    newer = path.rename(path.with_name("newer.sqlite"))
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("ATTACH ? AS newer", (str(newer),))
        config = Config()
        config.set_main_option("script_location", str(ROOT / "offline_db" / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for name in set(inspect(connection).get_table_names()) - {"alembic_version"}:
            columns = ", ".join(f'"{column["name"]}"' for column in inspect(connection).get_columns(name))
            connection.exec_driver_sql(f'INSERT INTO "{name}" ({columns}) SELECT {columns} FROM newer."{name}"')
        connection.commit()
    engine.dispose()
    newer.unlink()


@pytest.fixture
def morning(evening: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A fresh copy of a stall with three requests."""

    def copied(name: str) -> Path:
        return Path(shutil.copytree(evening, tmp_path / name))

    return copied


@pytest.mark.parametrize(
    "deed, number", [("save", 4), ("fold", 3), ("sync", 0), ("courier", 0), ("migrate", 0), ("begin", 0)]
)
def test_every_receipt_shown_is_still_there(
    deed: str, number: int, morning: Callable[[str], Path], record_property: Callable[..., None]
) -> None:
    start = morning("start")
    if deed == "migrate":
        aged(start / STALL)
    whole = shutil.copytree(start, start.with_name("whole"))
    with mounted(whole) as disk:
        done = act(disk.place, deed, number)
        assert done.returncode == 0, done.stdout + done.stderr
    assert judged(whole).differences == ()
    bad, struck = [], 0
    for seed in SEEDS:
        place = shutil.copytree(start, start.with_name(f"seed-{seed}"))
        with mounted(place, random.Random(seed).randrange(disk.calls), seed) as dark:
            struck += act(dark.place, deed, number).returncode != 0
        with mounted(place) as light:
            bad += [f"seed {seed}: {said}" for said in aftermath(light.place, deed, min(number, 1))]
        shutil.rmtree(place)
    record_property("points", len(SEEDS))
    assert bad == []
    assert struck


def test_a_stall_that_waits_for_no_disk_is_caught(morning: Callable[[str], Path]) -> None:
    """The power goes when all is saved and the program has ended; under `synchronous=OFF` receipts are gone."""
    lost = 0
    for seed in SEEDS:
        place = morning(f"seed-{seed}")
        with mounted(place, seed=seed) as disk:
            assert act(disk.place, "save", 4, "never-synced").returncode == 0
        lost += losses(place)
    assert lost


def losses(place: Path) -> int:
    """Receipts that are gone; a file torn beyond opening is another kind of harm and not counted."""
    try:
        return judged(place).losses
    except (AssertionError, Refused, DBAPIError):
        return 0


def test_what_was_said_to_be_safe_on_the_stick_is_there_after_the_cut(
    morning: Callable[[str], Path], record_property: Callable[..., None]
) -> None:
    """The power goes right after *Aman dicabut*."""
    place = morning("place")
    for seed in SEEDS:
        stick = place / f"stick-{seed}"
        stick.mkdir()
        with mounted(stick, seed=seed) as disk:
            assert "Aman dicabut" in ask("pasar", ("export", str(disk.place)), {"PASAR_DATA": str(place / "gerai")})
        with closing(open_office(hq_config(place))) as office:
            tried = mpp.courier.import_here(office, stick)
        assert [one.refused for one in tried] == [None]
    record_property("points", len(SEEDS))
    assert judged(place).differences == ()


def test_a_disk_that_fails_at_the_start_after_a_cut_is_said_and_the_start_after_that_has_everything(
    morning: Callable[[str], Path], record_property: Callable[..., None]
) -> None:
    """Power cut in the middle of saving, then a disk that fails for good at a call of the next start."""
    bad, said = [], set()
    for seed in SEEDS:
        place, rng = morning(f"seed-{seed}"), random.Random(seed)
        with mounted(place, rng.randrange(15, 60), seed) as dark:
            act(dark.place, "save", 4)
        with mounted(place, rng.randrange(12), seed + 1) as failing:
            done = act(failing.place, "save", 4)
        bad += [f"seed {seed}: {done.stderr[-800:]}"] if "Traceback" in done.stderr else []
        said |= set(done.stdout.split())
        with mounted(place) as light:
            bad += [f"seed {seed}: {wrong}" for wrong in aftermath(light.place, "save", 1)]
    record_property("points", len(SEEDS))
    assert bad == []
    assert said & PROBLEMS.keys() and said <= PROBLEMS.keys()


@pytest.mark.parametrize("deed, number", [("save", 4), ("sync", 0), ("courier", 0)])
def test_a_disk_that_turns_read_only_in_mid_run_is_named_and_nothing_is_lost(
    deed: str, number: int, morning: Callable[[str], Path], record_property: Callable[..., None]
) -> None:
    """As a kernel does with a failing disk: from some call on every change is refused, and reading goes on."""
    bad, said = [], set()
    for seed in SEEDS:
        place = morning(f"seed-{seed}")
        with mounted(place, random.Random(seed).randrange(30), error=errno.EROFS) as locked:
            done = act(locked.place, deed, number)
        bad += [f"seed {seed}: {done.stderr[-800:]}"] if "Traceback" in done.stderr else []
        said |= set(done.stdout.split())
        with mounted(place) as light:
            bad += [f"seed {seed}: {wrong}" for wrong in aftermath(light.place, deed, min(number, 1))]
    record_property("points", len(SEEDS))
    assert bad == []
    assert said & {"disk_readonly", "disk_error", "stick_readonly"}
    assert said - {"quiet", "carried"} <= PROBLEMS.keys()
