"""When a sync comes, in processes of their own: one at a time, whoever asks; a dead one holds up nobody."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from flask import Flask

from layanan.problems import Refused
from offline_db import writing
from offline_db.outbox import SqliteOutbox
from pasar import syncing
from pasar.app import start_background
from tests.conftest import missing
from tests.pasar.cast import make_app
from tests.pasar.hq import headquarters
from tests.pasar.test_syncing import answering
from web_base.serve import Listener, listen

ROOT = Path(__file__).parents[2]


def pasar(shop, *words, before=(), **options):
    command = [*before, sys.executable, "-m", "pasar", *words, "--data", str(shop.folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def said(process):
    out, _ = process.communicate(timeout=120)
    return process.returncode, out


def test_a_second_sync_gives_way_and_a_killed_one_leaves_the_way_free(shop, budi):
    budi.take()
    asked, go_on = threading.Event(), threading.Event()

    def slow():
        asked.set()
        go_on.wait(60)
        return "", 500

    with answering(slow) as url:
        first = pasar(shop, "sync", "--hq-url", url)
        assert asked.wait(60)
        code, words = said(pasar(shop, "sync", "--hq-url", url))
        assert (code, words.strip()) == (2, Refused("sync_busy").sentence())
        first.send_signal(signal.SIGKILL)
        first.wait()
        go_on.set()
    with headquarters(shop) as (url, inbox):
        code, words = said(pasar(shop, "sync", "--hq-url", url))
        assert (code, len(inbox.entries)) == (0, 2), words


def test_four_at_once_send_everything_once(shop, budi):
    budi.take()
    with headquarters(shop) as (url, inbox):
        ended = [said(each) for each in [pasar(shop, "sync", "--hq-url", url) for _ in range(4)]]
        assert {code for code, _ in ended} <= {0, 2}, ended
        assert 0 in {code for code, _ in ended}
        assert len(inbox.entries) == 2
    with shop.app.app_context():
        assert SqliteOutbox().pending(10, 10**6) == []


def test_a_link_that_returns_is_found_without_being_told(shop, budi, monkeypatch):
    monkeypatch.setattr(syncing, "CHEAP_SECONDS", 0.2)
    budi.take()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    shop.app = make_app(shop.folder, shop.time, hq_url=f"http://127.0.0.1:{port}", sync_minutes=1440)
    loop, heard = start_background(shop.app), threading.Event()
    back = Flask("back")
    back.add_url_rule("/sync", view_func=lambda: heard.set() or ("", 503), methods=["POST"])
    try:
        serving = listen(back, [Listener("127.0.0.1", port)], threads=2)
        assert heard.wait(30)
        serving.stop()
    finally:
        loop.stop()


def test_heal_keeps_what_was_damaged_and_says_what_it_did(shop, budi):
    budi.take()
    with shop.app.app_context(), writing() as session:
        session.connection().exec_driver_sql("UPDATE permohonan SET status = 'SELESAI'")
    assert said(pasar(shop, "doctor"))[0] == 3
    code, words = said(pasar(shop, "heal"))
    assert (code, "0 catatan, 1 baris" in words) == (0, True), words
    assert list(shop.folder.glob("pasar.sqlite.damaged-*"))
    with shop.app.app_context(), writing() as session:
        session.connection().exec_driver_sql("UPDATE entry SET sealed = randomblob(80) WHERE seq = 2")
    code, words = said(pasar(shop, "heal"))
    assert code == 3
    assert Refused("store_entry_damaged", number=1).sentence() in words


def test_prune_says_how_much_went_and_may_be_repeated(shop):
    assert [said(pasar(shop, "prune"))[0] for _ in range(2)] == [0, 0]


def test_a_machine_that_wakes_in_1970_or_2036_syncs_all_the_same(shop, budi):
    if not shutil.which("faketime"):
        missing("faketime", "Install faketime.")
    real = {**os.environ, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    for number, day in enumerate(("1970-01-02 00:10:00", "2036-11-21 09:00:00"), start=2):
        budi.take()
        with headquarters(shop) as (url, inbox):
            code, words = said(pasar(shop, "sync", "--hq-url", url, before=["faketime", day], env=real))
            assert (code, len(inbox.entries)) == (0, number), words
            code, words = said(pasar(shop, "doctor", "--hq-url", url, before=["faketime", day], env=real))
            assert (code, "Jam perangkat" in words) == (3, True), words
