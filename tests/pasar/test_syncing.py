"""When the stall talks to headquarters, over a real socket, and how honestly the light tells of it."""

import contextlib
import threading
from html import unescape

import pytest
from filelock import FileLock
from flask import Flask, request

from layanan.problems import Refused
from offline_db.outbox import SqliteOutbox, last_sync
from offline_db.permohonan import find
from pasar.app import start_background
from pasar.syncing import LOCK_NAME, sync_here
from sync.messages import Result
from tests.offline_db.office import acknowledge_all
from tests.pasar.cast import Budi, make_app
from web_base.serve import Listener, listen


@contextlib.contextmanager
def answering(answer):
    """A server in the place of headquarters that gives this answer to every frame."""
    app = Flask("hq")
    app.add_url_rule("/sync", view_func=answer, methods=["POST"])
    serving = listen(app, [Listener("127.0.0.1", 0)], threads=2)
    try:
        yield f"http://127.0.0.1:{serving.ports[0]}"
    finally:
        serving.stop()


def shown(budi):
    return budi.get("/sinkron").text


def test_the_light_counts_what_lacks_an_answer(shop, budi):
    budi.take()
    page = shown(budi)
    assert "2 catatan" in page
    with shop.app.app_context():
        acknowledge_all()
    assert "Semua sudah dikonfirmasi MPP." in shown(budi)
    assert "Kirim (" not in budi.page


def test_a_login_page_in_the_way_confirms_nothing_and_is_named(shop, budi):
    with answering(lambda: "<html>Selamat datang di WiFi</html>") as url:
        shop.app = make_app(shop.folder, shop.time, hq_url=url)
        budi = Budi(shop).sign_in()
        budi.take()
        page = budi.post("/sinkron", follow_redirects=True).text
    assert "WiFi minta masuk dulu" in page
    with shop.app.app_context():
        assert SqliteOutbox().counts().confirmed == 0
        assert last_sync().answered_at is None


def test_where_nobody_answers_it_says_so(shop, budi):
    assert "MPP menolak sambungan." in budi.post("/sinkron", follow_redirects=True).text
    assert "belum pernah" in shown(budi)


def test_a_second_sync_at_once_says_that_one_is_running(shop, budi):
    with FileLock(shop.folder / LOCK_NAME), shop.app.app_context():
        assert sync_here("http://127.0.0.1:9", shop.folder).problem == "sync_busy"
    with shop.app.app_context():
        assert sync_here("http://127.0.0.1:9", shop.folder).problem == "link_refused"


def test_a_save_wakes_the_loop_and_waiting_entries_are_offered(shop):
    frames, heard = [], threading.Event()

    def keep():
        frames.append(len(request.get_data()))
        if len(frames) >= 2:
            heard.set()
        return "later", 503

    with answering(keep) as url:
        shop.app = make_app(shop.folder, shop.time, hq_url=url, sync_minutes=1440)
        loop = start_background(shop.app)
        try:
            Budi(shop).sign_in().take()
            assert heard.wait(30)
        finally:
            loop.stop()
    assert frames[1] > 0


@pytest.mark.parametrize(("answer", "code"), [(("x", 503), "link_server"), (("", 200), "link_portal")])
def test_what_failed_is_remembered_over_a_restart(shop, budi, answer, code):
    with answering(lambda: answer) as url:
        shop.app = make_app(shop.folder, shop.time, hq_url=url)
        with shop.app.app_context():
            shop.app.extensions["pasar"].loop.now()
    shop.app = make_app(shop.folder, shop.time)
    with shop.app.app_context():
        assert last_sync().problem == code


def test_a_stopped_loop_ends(shop):
    before = set(threading.enumerate())
    loop = start_background(shop.app)
    (thread,) = {thread for thread in threading.enumerate() if thread.name == "sync"} - before
    loop.stop()
    thread.join(60)
    assert not thread.is_alive()


def test_nothing_is_lost_when_the_answer_never_comes(shop, budi):
    record_id = budi.take()
    with answering(lambda: ("", 500)) as url, shop.app.app_context():
        for _ in range(3):
            sync_here(url, shop.folder)
        assert SqliteOutbox().counts().stored == 2
        assert find(record_id).delivered is False


def test_what_headquarters_would_not_take_is_shown_with_its_reason(shop, budi):
    record_id = budi.take()
    with shop.app.app_context():
        acknowledge_all(Result.REJECTED, "entry_not_yours")
    page = shown(budi)
    assert Refused("entry_not_yours").sentence() in page
    assert f"/permohonan/{record_id}" in page


@pytest.mark.parametrize(
    ("result", "problem", "words"),
    [
        (Result.CONFLICT, "sync_fork", "Bentrok, keduanya disimpan"),
        (Result.REJECTED, "entry_too_large", "Ditolak, disimpan MPP"),
        (Result.WAITING, "entry_record_unknown", "Menunggu"),
    ],
)
def test_an_entry_without_effect_says_why_and_what_to_do(shop, budi, result, problem, words):
    budi.take()
    with shop.app.app_context():
        acknowledge_all(result, problem)
    page = unescape(shown(budi))
    assert f"{words}: {Refused(problem).sentence()}" in page
    assert Refused(problem).hint in page
