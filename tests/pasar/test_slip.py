"""The small papers with nobody on them come out of the stall's printer too, and the browser prints the same words."""


from layanan.service import catalogue
from offline_db.print_job import PrintState, recent_jobs
from tests.pasar.roll import decode
from tests.pasar.virtual_printer import SocketPrinter


def printed(shop, roll):
    """The last paper, once it is out and noted."""

    def out():
        with shop.app.app_context():
            return recent_jobs(1)[0].state is PrintState.PRINTED

    SocketPrinter().wait_for(out)
    return decode(roll.read_bytes())[-1]


def test_what_to_bring_is_printed_for_a_service(shop, printing, roll):
    page = printing.get("/layanan/DKC-07/bawa").text
    assert printing.post("/layanan/DKC-07/bawa").headers["Location"] == "/layanan/DKC-07/bawa#cetakan"
    paper = printed(shop, roll)
    assert paper.lines[:3] == ["Gerai Genteng", "YANG PERLU DIBAWA", "Penerbitan KTP-el karena hilang"]
    assert "Syarat per Sabtu, 21 November" in paper.lines
    for requirement in catalogue().service("DKC-07").requirements:
        assert requirement in page
        assert f"- {requirement}"[:32].rstrip() in " ".join(paper.lines).replace("   ", " ")
    assert "Sudah tercetak" in printing.get("/layanan/DKC-07/bawa").text
    assert "Yang perlu dibawa" in printing.get("/printer").text


def test_a_number_of_the_queue_is_printed_huge(shop, printing, roll):
    printing.get("/antrean")
    address = printing.post("/antrean", {"ketuk": printing.hidden("ketuk")}).headers["Location"]
    page = printing.get(address).text
    assert printing.post(address).headers["Location"] == f"{address}#cetakan"
    paper = printed(shop, roll)
    (number,) = [line for line in paper.printed if line.times == 4]
    assert f">{number.text}</p>" in page
    assert "Sekarang 0 orang lain menunggu." in paper.lines


def test_without_a_printer_the_browser_prints_them(budi):
    page = budi.get("/layanan/DKC-07/bawa").text
    assert "data-print" in page and 'method="post" action="/layanan/DKC-07/bawa"' not in page
    assert budi.post("/layanan/DKC-07/bawa").status_code == 409


def test_an_unknown_service_has_no_paper(printing):
    assert printing.post("/layanan/XYZ-99/bawa").status_code == 404
