"""A disk that is full: no receipt, a clear sentence, nothing half stored, and it works again without a restart."""

import contextlib
import json
import resource

from layanan.problems import PROBLEMS
from offline_db import checkpoint, db
from offline_db.permohonan import find
from tests.pasar.cast import call


@contextlib.contextmanager
def no_room(folder):
    """No file of this process may grow beyond what the largest has now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = max(path.stat().st_size for path in folder.iterdir() if path.suffix != ".lock")
    wal = folder / "pasar.sqlite-wal"
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(largest, wal.stat().st_size if wal.exists() else largest), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_gives_no_receipt_and_forgets_nothing_that_was_typed(shop, budi):
    record_id = budi.begin()
    budi.fill(record_id)
    with no_room(shop.folder):
        answer = budi.save(record_id)
        assert answer.status_code in (503, 507)
        assert "TIDAK tersimpan" in answer.text
        assert budi.get("/permohonan").status_code == 200
        assert "Siti Aminah" in budi.get(f"/permohonan/baru/{record_id}/periksa").text
    with shop.app.app_context():
        assert find(record_id) is None
    assert budi.save(record_id).headers["Location"] == f"/permohonan/{record_id}/tanda-terima"


def test_the_json_call_says_so_too(shop, budi):
    token = budi.client.get("/api/sesi").json["csrf_token"]
    body, sent = json.dumps(call()), {"X-CSRFToken": token, "Content-Type": "application/json"}
    with no_room(shop.folder):
        answer = budi.client.post("/api/permohonan", data=body, headers=sent)
    assert answer.status_code in (503, 507)
    assert answer.json["problem"]["code"] in ("disk_full", "disk_error")
    assert budi.client.post("/api/permohonan", data=body, headers=sent).status_code == 201


def test_a_damaged_file_is_named_on_a_page_that_only_reads(shop, budi):
    budi.take()
    with shop.app.app_context():
        checkpoint()
        db.engine.dispose()
    pages = shop.folder / "pasar.sqlite"
    pages.write_bytes(pages.read_bytes()[:100] + b"\xa5" * (pages.stat().st_size - 100))
    answer = budi.get("/permohonan")
    assert answer.status_code == PROBLEMS["store_damaged"].status
    assert PROBLEMS["store_damaged"].id in answer.text
