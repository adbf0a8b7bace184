"""Each thing that can stand in the way is made to stand there, and `pasar doctor` calls it by its name."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from layanan.problems import Refused
from offline_db import writing
from pasar.doctor import examine, exit_code
from pasar.settings import read_config
from pasar.syncing import sync_here
from tests.conftest import missing
from tests.pasar.cast import Budi, copy_shop
from tests.pasar.hq import headquarters, utc_now
from tests.pasar.test_syncing import answering
from tests.sync.test_link import FRAME, certificate, http, served, trusting

ROOT = Path(__file__).parents[2]
NAMESPACE = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user", "--user"])]
HTML = "<html>Silakan masuk ke WiFi pasar</html>"


def told(shop, url, part):
    """What doctor says of one part, with its grade."""
    found = examine(read_config({}, data=shop.folder, hq_url=url))
    return [(one.grade, one.said) for one in found if one.part == part]


def is_named(said, code, grade="PERLU ORANG", **slots):
    refused = Refused(code, **slots)
    return [one for one, _ in said] == [grade] and refused.sentence() in said[0][1] and refused.hint in said[0][1]


def doctor_of(folder, *before, url="http://127.0.0.1:9", script=""):
    """What a doctor of its own process says, inside the given surroundings."""
    command = [sys.executable, "-m", "pasar", "doctor", "--json", "--data", str(folder), "--hq-url", url]
    whole = f"{script} exec {subprocess.list2cmdline(command)}"
    run = subprocess.run([*before, "sh", "-c", whole], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout, run.stderr
    return {(said := json.loads(line))["part"]: said for line in run.stdout.splitlines()}, run.returncode


def namespace(*kinds):
    if subprocess.run([*NAMESPACE, *kinds, "true"], capture_output=True).returncode:
        missing("unshare", "The kernel lets this user make no namespaces; root can.")
    return [*NAMESPACE, *kinds]


@pytest.mark.clause("P75")
def test_all_is_well_with_a_headquarters_that_knows_us(shop, budi):
    budi.take()
    with headquarters(shop) as (url, inbox):
        found = examine(read_config({}, data=shop.folder, hq_url=url))
        assert [one.part for one in found if one.grade == "PERLU ORANG"] == []
        assert told(shop, url, "jam") == [("BERES", "Sama dengan jam MPP.")]
        assert told(shop, url, "kata MPP") == [("BERES", "Mengenal gerai ini sampai catatan ke-0.")]
        assert inbox.entries == {}, "a question changes nothing"


@pytest.mark.parametrize(
    "answer, code, grade",
    [
        (lambda: HTML, "link_portal", "PERLU ORANG"),
        (lambda: ("", 302, {"Location": "http://10.0.0.1/login"}), "link_portal", "PERLU ORANG"),
        (lambda: (HTML, 511), "link_portal", "PERLU ORANG"),
        (lambda: ({"code": "sync_too_new"}, 426), "sync_too_new", "PERLU ORANG"),
        (lambda: ({"code": "sync_unknown_device"}, 403), "sync_unknown_device", "PERLU ORANG"),
        (lambda: ({"code": "disk_full"}, 507), "link_hq_full", "PERHATIKAN"),
        (lambda: ("oops", 502), "link_server", "PERHATIKAN"),
        (lambda: FRAME, "sync_bad_signature", "PERLU ORANG"),
    ],
)
def test_whoever_answers_in_the_place_of_headquarters_is_named(shop, answer, code, grade):
    with answering(answer) as url:
        assert is_named(told(shop, url, "jalan ke MPP"), code, grade)


def test_nobody_listens(shop):
    assert is_named(told(shop, "http://127.0.0.1:9", "jalan ke MPP"), "link_refused", "PERHATIKAN")


def test_a_certificate_nobody_vouches_for(shop, tmp_path):
    now = datetime.now(UTC)
    tls = certificate(tmp_path, now - timedelta(days=1), now + timedelta(days=1))
    with served(http("200 OK", FRAME), tls) as url:
        assert is_named(told(shop, url, "jalan ke MPP"), "link_tls")


@pytest.mark.clause("P41")
@pytest.mark.parametrize("begins, ends, host", [(-30, -1, "127.0.0.1"), (-30, 30, "localhost")])
def test_a_known_certificate_that_has_run_out_or_is_for_another_name(tmp_path, begins, ends, host):
    now = datetime.now(UTC)
    tls = certificate(tmp_path, now + timedelta(days=begins), now + timedelta(days=ends))
    with served(http("200 OK", FRAME), tls) as url, pytest.raises(Refused) as refused:
        trusting(url.replace("127.0.0.1", host), tmp_path).exchange(b"frame")
    assert refused.value.code == "link_tls"


@pytest.mark.clause("P74")
@pytest.mark.parametrize(
    "hours, how", [(2, "2 jam lebih lambat"), (-49, "2 hari lebih cepat"), (24 * 3653, "3653 hari lebih lambat")]
)
def test_a_wrong_clock_is_named_with_how_far(shop, hours, how):
    with headquarters(shop, lambda: utc_now() + timedelta(hours=hours, seconds=30 * (1 if hours > 0 else -1))) as here:
        assert is_named(told(shop, here[0], "jam"), "clock_wrong", how=how)


@pytest.mark.clause("P74")
def test_five_minutes_are_forgiven(shop):
    with headquarters(shop, lambda: utc_now() + timedelta(minutes=4)) as (url, _):
        assert [grade for grade, _ in told(shop, url, "jam")] == ["BERES"]


def test_a_revoked_stall_is_told_so(shop):
    with headquarters(shop, revoked=True) as (url, _):
        assert is_named(told(shop, url, "kata MPP"), "sync_revoked")


@pytest.mark.clause("P29")
def test_a_twin_with_the_same_identity_is_noticed(shop, tmp_path):
    twin = copy_shop(shop, tmp_path / "kembar")
    for each in (shop, twin):
        Budi(each).sign_in().take()
    with headquarters(shop) as (url, _):
        with shop.app.app_context():
            assert sync_here(url, shop.folder).problem is None
        assert is_named(told(twin, url, "kata MPP"), "sync_fork")


def test_damage_is_named_and_the_file_stays(shop, budi):
    budi.take()
    with shop.app.app_context(), writing() as session:
        session.connection().exec_driver_sql("UPDATE entry SET sealed = randomblob(80) WHERE seq = 2")
    assert Refused("store_entry_damaged", number=1).sentence() in told(shop, "", "isi")[0][1]
    rubbish = shop.folder.parent / "rubbish"
    rubbish.mkdir()
    (rubbish / "pasar.sqlite").write_bytes(b"no database at all " * 500)
    said, code = doctor_of(rubbish)
    assert (said["data"]["said"].startswith(Refused("store_damaged").sentence()), code) == (True, 3)
    assert (rubbish / "pasar.sqlite").read_bytes() == b"no database at all " * 500


def test_without_any_network_there_is_no_connection(shop):
    alone = namespace("--net")
    said, _ = doctor_of(shop.folder, *alone, url="http://192.0.2.7")
    assert Refused("link_no_address").sentence() in said["jalan ke MPP"]["said"]
    said, _ = doctor_of(shop.folder, *alone, url="http://mpp.example.go.id")
    assert Refused("link_no_address").sentence() in said["jalan ke MPP"]["said"]


def test_a_network_without_names_is_a_matter_of_names(shop):
    """A namespace whose only way out is itself: packets have a way, no name server answers."""
    if not shutil.which("ip"):
        missing("ip", "Install iproute2.")
    script = "ip link set lo up && ip route add default dev lo &&"
    said, _ = doctor_of(shop.folder, *namespace("--net"), url="http://mpp.example.go.id", script=script)
    assert Refused("link_dns").sentence() in said["jalan ke MPP"]["said"]


def test_a_full_disk_and_a_read_only_one_are_named(shop, tmp_path):
    room = tmp_path / "ruang"
    room.mkdir()
    size = sum(path.stat().st_size for path in shop.folder.rglob("*") if path.is_file()) + 200_000
    inside = namespace("--mount")
    mounted = f"mount -t tmpfs -o size={size} tmpfs {room} && cp -r {shop.folder}/. {room} &&"
    fill = f"(cat /dev/zero > {room}/filler 2>/dev/null || true) &&"
    said, code = doctor_of(room, *inside, script=f"{mounted} {fill}")
    assert (said["folder"]["said"].startswith(Refused("disk_full").sentence()), code) == (True, 3)
    said, code = doctor_of(room, *inside, script=f"{mounted} mount -o remount,bind,ro {room} &&")
    assert (said["folder"]["said"].startswith(Refused("disk_readonly").sentence()), code) == (True, 3)
    said, code = doctor_of(room, *inside, script=mounted)
    assert "folder" not in said


def test_what_went_wrong_last_is_repeated(shop):
    with answering(lambda: HTML) as url, shop.app.app_context():
        loop = shop.app.extensions["pasar"].loop
        loop._hq_url = url
        loop.now()
    assert [one for one in told(shop, "", "kirim") if Refused("link_portal").sentence() in one[1]]
    assert exit_code(examine(read_config({}, data=shop.folder, hq_url=url))) == 2
