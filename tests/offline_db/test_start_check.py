"""What a start notices without reading everything: an older file, a lost log, a changed byte since the last look."""

import shutil

import pytest
from sqlalchemy import event

from offline_db import checkpoint, db, open_stall, writing
from offline_db.base import high_water
from offline_db.identity import device_key, take_grant
from offline_db.outbox import SqliteOutbox
from offline_db.permohonan import accept
from offline_db.start_check import start_check
from tests.offline_db.desk import new_form, opened


def kinds():
    return [finding.kind for finding in start_check()]


def damage(statement):
    with writing() as session:
        session.connection().exec_driver_sql(statement)


def save(counter, number):
    for _ in range(number):
        accept(new_form(), counter.desk())


def test_a_sound_file_has_nothing_to_say_and_the_second_start_reads_only_what_is_new(enrolled_path):
    with opened(enrolled_path) as counter:
        save(counter, 6)
        assert kinds() == []
    with open_stall(enrolled_path):
        read = []
        event.listen(db.engine, "before_cursor_execute", lambda *call: read.append(call[2]))
        assert kinds() == []
        assert high_water().read().verified.seq == 7
        assert any("entry.seq > ?" in statement for statement in read)


@pytest.mark.clause("P70")
@pytest.mark.parametrize(
    "flip",
    [
        "UPDATE entry SET raw = CAST(replace(raw, 'DKC-01', 'DKC-02') AS BLOB) WHERE seq = 3",
        "UPDATE entry SET sealed = randomblob(64) WHERE seq = 3",
        "UPDATE entry SET raw = randomblob(300) WHERE seq = 3",
    ],
)
def test_a_changed_entry_is_noticed_and_never_sent_while_the_others_are(enrolled_path, flip):
    with opened(enrolled_path) as counter:
        save(counter, 3)
        damage(flip)
    with open_stall(enrolled_path):
        assert kinds() == ["entry"]
        assert kinds() == ["entry"], "it is said until it is mended"
        assert [item.entry.seq for item in SqliteOutbox().pending(100, 10**6)] == [1, 2, 4]
        assert [item.entry.seq for item in SqliteOutbox().pending(2, 10**6)] == [1, 2]


def test_what_was_seen_as_sound_is_not_read_again_but_its_end_is_compared(enrolled_path):
    with opened(enrolled_path) as counter:
        save(counter, 3)
        assert kinds() == []
        damage("UPDATE entry SET raw = randomblob(300) WHERE seq = 2")
        assert kinds() == []
        damage("UPDATE entry SET chain = hash WHERE seq = 4")
        assert "chain" in kinds()


def gone(log):
    log.unlink()


def cut_in_half(log):
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size // 2)


def one_bit_turned(log):
    turned = bytearray(log.read_bytes())
    turned[len(turned) // 2] ^= 4
    log.write_bytes(turned)


@pytest.mark.clause("P71")
@pytest.mark.parametrize("harm", [gone, cut_in_half, one_bit_turned])
def test_a_lost_write_ahead_log_is_noticed(enrolled_path, tmp_path, harm):
    """The machine stops while its last entries stand in the log alone, and the log comes to harm."""
    stopped = tmp_path / "stopped"
    stopped.mkdir()
    with opened(enrolled_path) as counter:
        save(counter, 2)
        checkpoint()
        save(counter, 2)
        for file in enrolled_path.parent.glob("gerai.sqlite*"):
            if file.suffix not in (".lock", ".sqlite-shm"):
                shutil.copy(file, stopped / file.name)
    harm(stopped / "gerai.sqlite-wal")
    with open_stall(stopped / "gerai.sqlite"):
        assert kinds() == ["older"]


@pytest.mark.clause("P71")
def test_an_older_file_that_grew_again_is_still_noticed_until_it_is_enrolled_anew(
    enrolled_path, tmp_path, headquarters
):
    with opened(enrolled_path) as counter:
        save(counter, 1)
        checkpoint()
        shutil.copy(enrolled_path, tmp_path / "older")
        save(counter, 1)
    shutil.copy(tmp_path / "older", enrolled_path)
    with opened(enrolled_path) as counter:
        assert kinds() == ["older"]
        save(counter, 3)
        assert kinds() == ["older"]
        high_water()._rewrite()
        assert kinds() == ["older"]
        take_grant(headquarters.grant(device_key().id, epoch=2))
        assert kinds() == []


def test_an_empty_file_in_the_place_of_the_stall_is_noticed_until_it_is_enrolled(enrolled_path, headquarters):
    with opened(enrolled_path) as counter:
        save(counter, 1)
    for ending in ("", "-wal", "-shm"):
        enrolled_path.with_name(enrolled_path.name + ending).unlink(missing_ok=True)
    with open_stall(enrolled_path):
        assert kinds() == ["older"]
        take_grant(headquarters.grant(device_key().id, epoch=2))
        assert kinds() == [], "enrolled anew, headquarters knows"


def test_torn_and_foreign_lines_are_passed_over_and_a_long_file_is_folded(enrolled_path):
    with opened(enrolled_path) as counter:
        save(counter, 2)
        mark = high_water()
        true = mark.read()
        with mark.path.open("ab") as file:
            file.write(b"\nH device 1 99999 " + b"f" * 64 + b" 0000000000000000\n\xff\xfe\x00 H dev" + b"\n" * 70_000)
        assert mark.read() == true
        save(counter, 1)
        mark.settle()
        assert mark.path.stat().st_size < 1_000
        assert mark.read().highest.seq == true.highest.seq + 1


def test_a_mark_that_cannot_be_written_stops_no_save(enrolled_path):
    with opened(enrolled_path) as counter:
        high_water().path.unlink()
        high_water().path.mkdir()
        save(counter, 1)
        checkpoint()
        assert kinds() == []
