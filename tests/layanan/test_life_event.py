"""What people go through leads to services that exist."""

import pytest

from layanan.life_event import life_event, life_events
from layanan.problems import Refused


def test_every_event_people_name_is_there_and_leads_somewhere():
    names = [event.name for event in life_events()]
    assert names == ["Menikah", "Melahirkan", "Pindah", "Usaha", "Kehilangan", "Meninggal", "Pensiun"]
    assert all(len(set(event.services)) == len(event.services) >= 4 for event in life_events())


def test_an_unknown_event_is_refused():
    assert life_event("melahirkan").services[0].code == "DKC-14"
    with pytest.raises(Refused, match="not_found"):
        life_event("menang_undian")
