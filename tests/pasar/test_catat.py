"""What a phone keeps of the stall for later: one empty form and what services need, the same for everybody."""

import gzip
import re

import pytest

from layanan.service import catalogue
from offline_db.catalogue import search
from pasar.permohonan_new import marked_list
from tests.pasar.cast import Budi

SCRIPTS, WORKER = 25 * 1024, 2 * 1024
SHELL = re.compile(r'"(/[^"]+)"')


@pytest.fixture
def stranger(shop):
    return shop.app.test_client()


@pytest.mark.parametrize("path", ["/hp/catat", "/hp/layanan.json", "/offline"])
def test_kept_pages_are_the_same_for_everybody_and_begin_no_session(shop, budi, stranger, path):
    asked = stranger.get(path)
    assert asked.status_code == 200 and "Set-Cookie" not in asked.headers
    assert asked.headers["Cache-Control"] == "no-cache" and asked.headers["ETag"]
    assert budi.get(path).data == asked.data == Budi(shop).get(path).data
    assert "csrf" not in asked.text and "Budi" not in asked.text
    english = stranger.get(path, headers={"Cookie": "tampilan=en"})
    assert english.data == asked.data, "kept once, so said in one language"


def test_the_shell_holds_the_form_and_the_services_it_needs(stranger):
    shell = SHELL.findall(stranger.get("/sw.js").text.splitlines()[1])
    assert {"/offline", "/hp/catat", f"/hp/layanan.json?v={catalogue().version}"} <= set(shell)
    assert all(stranger.get(path).status_code == 200 for path in shell)


def test_only_what_the_form_needs_and_only_services_that_are_taken(stranger):
    services = stranger.get("/hp/layanan.json").get_json()["services"]
    assert {each["code"] for each in services} == {one.code for one in catalogue().services if one.opens_permohonan}
    assert all(set(each) == {"code", "name", "label", "agency", "papers", "list", "words"} for each in services)
    by_code = {each["code"]: each for each in services}
    lost = by_code["DKC-07"]
    assert lost["papers"] == list(catalogue().service("DKC-07").requirements)
    assert lost["list"] == marked_list(catalogue().service("DKC-07"))
    assert {"ktp", "hilang"} <= set(lost["words"].split())


def test_a_delicate_service_is_called_by_its_agency_alone(stranger):
    for each in stranger.get("/hp/layanan.json").get_json()["services"]:
        service = catalogue().service(each["code"])
        if service.pdp & {"health", "criminal"}:
            assert each["label"] == each["agency"] != each["name"]


def test_a_form_names_a_delicate_service_to_the_phone_by_its_agency_too(budi):
    services = [each for each in catalogue().services if each.opens_permohonan and each.pdp & {"health", "criminal"}]
    for service in [*services[:1], catalogue().service("DKC-07")]:
        record = budi.begin(service.code)
        label = re.search(r'data-label="([^"]*)"', budi.get(f"/permohonan/baru/{record}/orang").text)
        assert label and label[1] == catalogue().public_name(service.code)


def test_what_people_say_is_known_without_the_stall_too(shop, stranger):
    """The words a phone searches in hold what the stall's own search knows of the commonest."""
    services = {
        each["code"]: set(each["words"].split()) for each in stranger.get("/hp/layanan.json").get_json()["services"]
    }
    with shop.app.app_context():
        for said in ("ktp hilang", "akta lahir", "kartu keluarga"):
            best = next(each for each in search(said) if each.code in services)
            assert set(said.split()) & services[best.code], said


def test_the_app_can_be_installed_with_pictures_and_shortcuts(stranger):
    manifest = stranger.get("/manifest.json").get_json(force=True)
    (picture,) = manifest["screenshots"]
    assert picture["form_factor"] == "narrow" and stranger.get(picture["src"]).data.startswith(b"\x89PNG")
    assert "/hp/catat" in {each["url"] for each in manifest["shortcuts"]}


def weight(budi, path):
    """What the scripts of a page weigh on the wire."""
    sources = re.findall(r'<script src="([^"]+)"', budi.get(path).text)
    return sum(len(gzip.compress(budi.get(source).data)) for source in sources)


def test_scripts_stay_within_their_budget(budi):
    record = budi.begin()
    form = [f"/permohonan/baru/{record}/{step}" for step in ("berkas", "orang")]
    for path in ("/", "/layanan", "/permohonan", "/ambil", "/antrean", "/hp/catat", "/offline", *form):
        assert 0 < weight(budi, path) <= SCRIPTS, path
    assert len(gzip.compress(budi.get("/sw.js").data)) <= WORKER
