"""The certificate while the stall runs: a jumping clock, another address, and a process that shows the new one."""

import socket
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from pasar.certificate import CertificateCare, certificate_care
from pasar.moment import StallClock
from pasar.serving import addresses, announcement, listeners
from tests.pasar.cast import MORNING, Time
from web_base.authority import groups
from web_base.serve import listen


class Place:
    """A stall's clock and network, both moved by hand."""

    def __init__(self, folder):
        self.time, self.addresses, self.renewals = Time(), ["192.168.8.1"], 0
        self.clock = self.time.clock()
        self.care = CertificateCare(folder, self.clock, addresses=lambda: self.addresses)
        self.care.own()

    def look(self):
        self.care.look(self.renewed)
        return x509.load_pem_x509_certificates(self.care.last.certificate.read_bytes())[0]

    def renewed(self):
        self.renewals += 1


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def numbers(certificate):
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(each) for each in names.get_values_for_type(x509.IPAddress)}


def test_a_look_that_finds_nothing_new_changes_nothing(place):
    before = place.look()
    place.time.pass_by(86_400)
    assert place.look() == before and place.renewals == 0


def test_another_address_from_the_router(place):
    place.addresses = ["192.168.43.17"]
    assert numbers(place.look()) == {"127.0.0.1", "192.168.43.17"} and place.renewals == 1


def test_renewed_in_time_while_it_runs(place):
    first = place.look()
    place.time.pass_by(260 * 86_400)
    renewed = place.look()
    assert renewed.not_valid_after_utc > first.not_valid_after_utc and place.renewals == 1


def test_a_clock_that_wakes_in_1970_and_is_put_right(tmp_path):
    wall = [datetime(1970, 1, 1, tzinfo=UTC)]
    care = CertificateCare(tmp_path, StallClock(wall=lambda: wall[0]), addresses=list)
    asleep = care.own()
    assert asleep.not_after > MORNING + timedelta(days=300)
    wall[0] = MORNING + timedelta(days=1000)
    shown = []
    care.look(lambda: shown.append(care.last))
    assert shown[0].not_after > wall[0] + timedelta(days=300) and shown[0].root == asleep.root


def test_what_headquarters_said_of_the_time_counts_for_more_than_a_wrong_clock(place):
    place.clock.compared(ahead_seconds=-900 * 86_400)
    place.clock.likely()
    assert place.look().not_valid_after_utc > MORNING + timedelta(days=1200)


def test_far_ahead_and_back(place):
    first = place.look()
    place.time.now += timedelta(days=20 * 365)
    place.look()
    place.time.now = MORNING
    back = place.look()
    assert back.not_valid_before_utc < MORNING < back.not_valid_after_utc <= first.not_valid_after_utc
    assert place.renewals == 2


def test_a_disk_that_takes_nothing_leaves_the_old_one_and_the_stall_alone(place, tmp_path):
    before = place.look()
    (tmp_path / "tls" / "pasar-cert.pem.partial").mkdir()
    place.addresses = ["10.1.1.1"]
    assert place.look() == before and place.renewals == 0
    (tmp_path / "tls" / "pasar-cert.pem.partial").rmdir()
    assert "10.1.1.1" in numbers(place.look())


def test_it_looks_by_itself_while_the_stall_runs(tmp_path):
    here, renewed = ["192.168.8.1"], threading.Event()
    care = CertificateCare(tmp_path, Time().clock(), addresses=lambda: here, every=0.05)
    before = care.own()
    care.start(renewed.set)
    here[:] = ["192.168.43.17"]
    assert renewed.wait(60)
    care.stop()
    assert care.last.serial != before.serial and care.last.root == before.root


def test_a_listener_that_could_not_take_it_is_asked_again(place):
    def fails():
        raise OSError

    place.addresses = ["10.1.1.1"]
    place.care.look(fails)
    place.look()
    place.look()
    assert place.renewals == 1


@pytest.fixture
def running(shop):
    """The stall with its listeners as `pasar run` has them, on free ports of this machine."""
    config = shop.app.extensions["pasar"].config
    config = replace(config, host="127.0.0.1", http_port=0, https_port=8443)
    care = certificate_care(shop.app)
    plain, secure = listeners(config, care)
    serving = listen(shop.app, [plain, type(secure)("127.0.0.1", 0, secure.certificate, secure.key)], threads=3)
    yield config, serving, care
    serving.stop()


def test_the_running_stall_shows_the_new_one_to_the_next_phone(running, shop):
    _, serving, care = running
    trusted = ssl.create_default_context(cafile=str(shop.folder / "tls" / "pasar-ca.pem"))

    def shown():
        with socket.create_connection(("127.0.0.1", serving.ports[1]), 10) as plain:
            secure = trusted.wrap_socket(plain, server_hostname="pasar.local")
            return int(secure.getpeercert()["serialNumber"], 16)

    first = shown()
    assert first == care.last.serial
    files = shop.folder / "tls"
    (files / "pasar-cert.pem").unlink()
    care.look(serving.renew)
    assert shown() == care.last.serial != first


def test_the_start_says_where_to_go_and_what_to_compare(running):
    config, serving, care = running
    care.addresses = lambda: ("192.168.8.1", "203.0.113.4")
    plain, secure = serving.ports
    assert addresses(config, serving, care) == [
        f"Loket di komputer ini: http://localhost:{plain}/",
        f"Menyiapkan HP (sekali saja): http://192.168.8.1:{plain}/hp",
        f"Loket dari HP: https://192.168.8.1:{secure}/",
        f"Loket dari HP: https://pasar.local:{secure}/",
        f"Sidik sertifikat: {'  '.join(groups(care.last.fingerprint))}",
    ]


def test_the_name_is_told_only_where_phones_are_let_in(running):
    config, serving, care = running
    assert announcement(config, serving, care) is None, "this one listens on loopback"
    assert announcement(replace(config, host="0.0.0.0"), serving, care)
    assert announcement(replace(config, host="0.0.0.0", mdns=False), serving, care) is None
