"""Sync by stick alone between a real stall and a real headquarters: nothing lost, nothing twice, refusals whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import pasar.courier
from layanan.status import Status
from offline_db import open_stall, writing
from offline_db.permohonan import find
from sync.bundle import MAX_BYTES
from tests.demo.pair import MINE, Pair, furnished
from web_base.terminal import counting


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return furnished(tmp_path_factory.mktemp("pair") / "made")


@pytest.fixture
def pair(made: Pair, tmp_path: Path) -> Pair:
    return made.copied(tmp_path / "pair")


@pytest.mark.clause("P60", "P66")
def test_a_stall_that_never_sees_a_network_sends_everything_and_gets_every_status(pair: Pair) -> None:
    records = pair.accept(3)
    made = pair.export_up()
    assert (made.name, len(made.entries)) == (f"{MINE}.ke-mpp.0001.pasar", 4)
    assert [one.received.entries for one in pair.import_up() if one.received] == [4]
    pair.decide(records[0])
    assert pair.export_down() == f"{MINE}.dari-mpp.0001.pasar"
    (one,) = pair.import_down()
    assert one.taken is not None
    assert (one.taken.confirmed, one.taken.pulled, one.taken.problem, one.taken.missing) == (4, 1, None, None)
    assert pair.agree()
    with open_stall(pair.file):
        assert find(records[0]).delivered and find(records[0]).status == "VERIFIKASI"


def test_half_a_year_without_any_link_fits_one_file_in_frames_of_a_hundred(pair: Pair) -> None:
    pair.accept(230)
    assert len(pair.export_up().entries) == 231
    pair.import_up()
    with pair.office() as office, office.database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM courier_answer").scalar() == 3
    pair.export_down()
    pair.import_down()
    assert pair.agree()


@pytest.mark.clause("P66")
def test_no_personal_data_can_be_read_off_the_stick(pair: Pair) -> None:
    pair.accept(2)
    pair.export_up()
    pair.import_up()
    pair.export_down()
    for path in pair.stick.iterdir():
        assert not any(word in path.read_bytes() for word in (b"Siti", b"Aminah", b"3510091708959901", b"81234567890"))
        assert MINE in path.name


@pytest.mark.clause("P63")
def test_out_of_order_and_twice_changes_nothing(pair: Pair, tmp_path: Path) -> None:
    """Three rounds on three sticks, carried in the worst order, each twice."""
    sticks = [tmp_path / name for name in "abc"]
    for stick in sticks:
        stick.mkdir()
        pair.accept(2)
        pair.export_up(stick)
    for stick in (sticks[2], sticks[0], sticks[2], sticks[1]):
        assert all(one.received and not one.received.refused for one in pair.import_up(stick))
    pair.decide(next(iter(pair.there())))
    for stick in sticks:
        pair.export_down(stick)
    for stick in (sticks[1], sticks[0], sticks[1], sticks[2], sticks[0]):
        assert all(one.taken and one.taken.problem is None for one in pair.import_down(stick))
    assert pair.agree()


@pytest.mark.clause("P64")
def test_an_old_answer_is_no_sign_that_headquarters_was_restored(pair: Pair, tmp_path: Path) -> None:
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    for stick in (slow, quick):
        stick.mkdir()
        pair.accept(2)
        pair.export_up(stick)
        pair.import_up(stick)
        pair.export_down(stick)
    pair.import_down(quick)
    before = pair.counts()
    assert before.confirmed == before.stored
    pair.import_down(slow)
    assert pair.counts() == before
    assert pair.agree()


@pytest.mark.clause("P64")
def test_a_headquarters_that_was_restored_gets_everything_again_by_stick(pair: Pair) -> None:
    pair.accept(2)
    shutil.copytree(pair.folder / "mpp", pair.folder / "older")
    pair.there_and_back()
    pair.accept(1)
    shutil.rmtree(pair.folder / "mpp")
    (pair.folder / "older").rename(pair.folder / "mpp")
    for path in pair.stick.iterdir():
        path.unlink()
    pair.there_and_back()
    assert pair.counts().confirmed < pair.counts().stored
    pair.there_and_back()
    assert pair.agree()


@pytest.mark.clause("P65")
def test_what_is_missing_is_named_until_it_has_come(pair: Pair, tmp_path: Path) -> None:
    """The stall counts the first file as answered, headquarters never saw it: only a person can find that stick."""
    lost = tmp_path / "lost"
    lost.mkdir()
    pair.accept(2)
    pair.export_up(lost)
    with open_stall(pair.file), pytest.MonkeyPatch.context() as patch:
        patch.setattr("offline_db.courier._page", lambda last: ([], last))
        pasar.courier.export_here(pair.file.parent, pair.stick)
    said = pair.command("mpp", "import", str(pair.stick))
    assert (said.returncode, "catatan nomor 1 sampai 3 belum sampai. Berkas nomor 1 belum datang." in said.stdout) == (
        2, True,
    ), said  # fmt: skip
    said = pair.command("mpp", "import", str(lost))
    assert (said.returncode, "belum sampai" in said.stdout) == (0, False), said
    pair.export_down()
    pair.import_down()
    assert pair.agree()


@pytest.mark.clause("P65", "P68")
def test_news_with_a_gap_before_them_are_named_and_wait_for_the_file_that_fills_it(pair: Pair, tmp_path: Path) -> None:
    """The stall comes back from a backup that has not read the first of three statuses."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    record, *_ = pair.accept(2)
    pair.there_and_back()
    shutil.copytree(pair.file.parent, tmp_path / "backup")
    for stick in (first, second):
        pair.export_up(stick)
        pair.import_up(stick)
        pair.decide(record, Status.VERIFIKASI if stick == first else Status.DIPROSES)
        pair.export_down(stick)
        pair.import_down(stick)
    shutil.rmtree(pair.file.parent)
    (tmp_path / "backup").rename(pair.file.parent)
    said = pair.command("pasar", "import", str(second))
    assert (said.returncode, "Kabar MPP nomor 1 sampai 2 belum sampai di sini" in said.stdout) == (2, True), said
    said = pair.command("pasar", "import", str(first))
    assert (said.returncode, "belum sampai" in said.stdout) == (0, False), said
    said = pair.command("pasar", "import", str(second))
    assert (said.returncode, "1 kabar datang" in said.stdout) == (0, True), said
    assert pair.here()[record]["status"] == "DIPROSES"


class TestRefusedWhole:
    @pytest.fixture
    def file(self, pair: Pair) -> Path:
        pair.accept(2)
        return pair.stick / pair.export_up().name

    def refusal(self, pair: Pair) -> str:
        (one,) = pair.import_up()
        assert one.refused is not None and pair.there() == {}
        return one.refused.code

    @pytest.mark.clause("P61")
    def test_cut_and_zeroed_tails_and_strangers_bytes(self, pair: Pair, file: Path) -> None:
        whole = file.read_bytes()
        for raw, code in (
            (whole[:-1], "courier_damaged"),
            (whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2), "courier_damaged"),
            (whole + b"x", "courier_damaged"),
            (b"", "courier_unknown"),
            (b"PK\x03\x04" + whole, "courier_unknown"),
            (whole[:4] + b"\x02" + whole[5:], "sync_too_new"),
        ):
            file.write_bytes(raw)
            assert self.refusal(pair) == code
        file.write_bytes(whole)
        assert pair.import_up()[0].received

    @pytest.mark.clause("P61")
    def test_a_link_a_pipe_a_folder_and_a_huge_file_stay_shut(self, pair: Pair, file: Path, tmp_path: Path) -> None:
        kept = tmp_path / "kept.pasar"
        file.rename(kept)
        file.symlink_to(kept)
        assert self.refusal(pair) == "stick_no_file"
        file.unlink()
        os.mkfifo(file)
        assert self.refusal(pair) == "stick_no_file"
        file.unlink()
        file.mkdir()
        assert self.refusal(pair) == "stick_no_file"
        file.rmdir()
        with file.open("wb") as sparse:
            sparse.truncate(MAX_BYTES + 1)
        assert self.refusal(pair) == "stick_too_large"

    @pytest.mark.clause("P62")
    def test_of_another_headquarters_or_another_stall(self, pair: Pair, file: Path, tmp_path: Path) -> None:
        other = furnished(tmp_path / "other")
        (one,) = other.import_up(pair.stick)
        assert one.refused is not None and one.refused.code == "courier_foreign"
        other.export_down(pair.stick)
        (back,) = pair.import_down()
        assert back.refused is not None and back.refused.code == "courier_foreign"
        assert "DITOLAK. Berkas kurir ini milik" in pair.command("pasar", "import", str(pair.stick)).stdout

    def test_a_refused_file_stops_no_other(self, pair: Pair, file: Path) -> None:
        pair.export_up()
        file.write_bytes(b"x")
        said = pair.command("mpp", "import", str(pair.stick))
        assert said.returncode == 3 and "DITOLAK" in said.stdout and "3 catatan dari gerai" in said.stdout
        assert len(pair.there()) == 2


def test_a_stick_without_files_and_one_that_is_not_there(pair: Pair) -> None:
    for app in ("pasar", "mpp"):
        said = pair.command(app, "import", str(pair.stick))
        assert (said.returncode, "Tidak ada berkas kurir" in said.stderr) == (1, True)
    said = pair.command("pasar", "export", str(pair.folder / "nowhere"))
    assert (said.returncode, "stik sudah terpasang" in said.stderr, "Aman dicabut" in said.stdout) == (1, True, False)


def test_a_long_file_says_how_far_it_is_beside_its_own_output(capsys: pytest.CaptureFixture[str]) -> None:
    tell = counting("catatan")
    for done in range(0, 2501, 100):
        tell(done)
    said = capsys.readouterr()
    assert (said.out, said.err.split()) == ("", ["...", "1000", "catatan", "...", "2000", "catatan"])


def test_files_for_other_stalls_ride_on_the_same_stick(pair: Pair) -> None:
    pair.there_and_back()
    (pair.stick / "rogojampi.dari-mpp.0001.pasar").write_bytes(b"x")
    said = pair.command("pasar", "import", str(pair.stick))
    assert (said.returncode, "1 berkas untuk gerai lain dibiarkan." in said.stdout) == (0, True), said


def test_a_stall_restored_from_a_backup_never_writes_over_a_file_on_the_stick(pair: Pair) -> None:
    first = pair.export_up()
    content = (pair.stick / first.name).read_bytes()
    with open_stall(pair.file), writing() as session:
        session.connection().exec_driver_sql("DELETE FROM courier_frame")
    assert pair.export_up().name.endswith("0002.pasar")
    assert (pair.stick / first.name).read_bytes() == content
