"""A stall asks, headquarters vouches, and whoever trusts headquarters alone trusts the stall: real sync, real TLS."""

import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from flask import current_app

from mpp.db.authority import own_root
from offline_db import open_stall
from pasar.certificate import certificate_care, init_certificate
from pasar.moment import StallClock
from tests.demo.pair import furnished
from tests.demo.test_key_rotation import sync
from tests.web_base.small_app import make
from web_base.serve import Listener, listen


def look(pair, wall):
    """What the stall's thread does each minute; the certificate as it is served then."""
    with open_stall(pair.file):
        app = current_app._get_current_object()
        init_certificate(app, pair.file.parent, StallClock(wall=lambda: wall), list)
        certificate_care(app).look(lambda: None)
        return certificate_care(app).last


def trusts(root, own):
    """Whether somebody who trusts nothing but this root gets through to the stall by its name."""
    serving = listen(make(), [Listener("127.0.0.1", 0, own.certificate, own.key)], threads=2)
    context = ssl.create_default_context(cadata=root.public_bytes(Encoding.PEM).decode())
    try:
        with socket.create_connection(("127.0.0.1", serving.ports[0]), 10) as plain:
            context.wrap_socket(plain, server_hostname="pasar.home.arpa").close()
        return True
    except ssl.SSLCertVerificationError:
        return False
    finally:
        serving.stop()


@pytest.mark.clause("P119", "P120")
def test_who_trusts_headquarters_trusts_a_stall_that_has_synced_also_after_a_renewal(tmp_path):
    pair, now = furnished(tmp_path), datetime.now(UTC)
    with pair.office() as office, office.database.reading() as session:
        root = own_root(session, office.keys).certificate
    alone = look(pair, now)
    assert trusts(alone.root, alone) and not trusts(root, alone)
    assert sync(pair).problem is None
    vouched = look(pair, now)
    assert trusts(root, vouched) and trusts(vouched.root, vouched)
    assert vouched.serial == alone.serial, "only the chain has grown"
    look(pair, now + timedelta(days=300))
    renewed = look(pair, now)
    assert renewed.serial != alone.serial and trusts(root, renewed)
    assert sync(pair).problem is None
    assert pair.counts().stored == pair.counts().confirmed


@pytest.mark.clause("P119")
def test_the_question_and_its_answer_travel_on_a_stick_as_well(tmp_path):
    pair, now = furnished(tmp_path), datetime.now(UTC)
    look(pair, now)
    pair.there_and_back()
    with pair.office() as office, office.database.reading() as session:
        assert trusts(own_root(session, office.keys).certificate, look(pair, now))
