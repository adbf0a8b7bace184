"""The form under the fingers: a NIK in fours, Enter that moves on, papers by one button, every button in reach."""

import pytest


@pytest.fixture
def form(stage, page):
    """The third page of a lost KTP, with the NIK waiting for keys."""
    stage.sign_in(page)
    page.goto(f"{stage.url}/layanan/DKC-07")
    page.click("text=Buat permohonan")
    page.click("text=Semua asli dilihat")
    page.wait_for_load_state()
    page.wait_for_selector("[name=pemohon_nik]:focus")
    return page


def focused(page):
    return page.evaluate("document.activeElement.name")


def test_a_nik_is_grouped_said_and_leads_on(form):
    assert focused(form) == "pemohon_nik"
    form.keyboard.type("351009470895990")
    assert form.input_value("[name=pemohon_nik]") == "3510 0947 0895 990"
    assert "Kurang 1 angka" in form.inner_text(".person")
    form.keyboard.type("1")
    assert "perempuan, lahir 07-08-95" in form.inner_text(".person")
    assert focused(form) == "pemohon_name"


def test_a_digit_in_the_middle_is_corrected_where_it_stands(form):
    form.keyboard.type("351009470895")
    form.keyboard.press("Home")
    for _ in range(6):
        form.keyboard.press("ArrowRight")
    form.keyboard.press("Backspace")
    form.keyboard.type("9")
    assert form.input_value("[name=pemohon_nik]") == "3510 9947 0895"
    form.keyboard.type("7")
    assert form.input_value("[name=pemohon_nik]") == "3510 9794 7089 5"
    assert focused(form) == "pemohon_nik"


def test_what_is_no_digit_is_left_for_the_person_to_see(form):
    form.keyboard.type("35I0 09")
    assert form.input_value("[name=pemohon_nik]") == "35I0 09"


def test_enter_passes_what_is_filled_and_sends_after_the_last(form):
    form.fill("[name=pemohon_phone]", "0812 3456 7890")
    form.focus("[name=pemohon_nik]")
    form.keyboard.type("3510094708959901")
    form.keyboard.type("Siti Aminah")
    form.keyboard.press("Enter")
    form.wait_for_url("**/periksa")
    assert "3510 0947 0895 9901" in form.inner_text("main")
    assert "7 Agustus 1995" in form.inner_text("main")


def test_the_lock_brings_a_grouped_nik_back(form):
    form.keyboard.type("3510094708959901")
    form.click("text=Kunci")
    form.fill("[name=pin]", "271828")
    form.click("text=Buka")
    assert form.input_value("[name=pemohon_nik]") == "3510 0947 0895 9901"


def test_one_button_means_the_papers_without_a_mark(stage, form):
    form.click("text=← Berkas")
    form.wait_for_url("**/berkas")
    assert form.locator("button:has-text('Sisanya asli dilihat')").is_visible()
    form.locator(".marks fieldset").first.locator("label:has-text('ditinggal')").click()
    form.click("text=Sisanya asli dilihat")
    form.fill("[name=pemohon_nik]", "3510094708959901")
    form.fill("[name=pemohon_name]", "Siti Aminah")
    form.click("main button:has-text('Lanjut')")
    form.wait_for_url("**/periksa")
    said = form.inner_text("main")
    assert "Surat kehilangan dari kepolisian: ditinggal di gerai" in said
    assert "KK: asli dilihat, dikembalikan" in said


@pytest.mark.parametrize("page_name", ["berkas", "orang"])
def test_the_button_stands_under_the_thumb_however_long_the_page(stage, page, page_name):
    stage.sign_in(page)
    page.goto(f"{stage.url}/layanan/DKC-01")
    assert reachable(page)
    page.click("text=Buat permohonan")
    page.wait_for_url("**/berkas")
    if page_name == "orang":
        page.click("text=Semua asli dilihat")
        page.wait_for_url("**/orang")
        page.select_option("[name=relation]", "anak")
    assert page.evaluate("document.documentElement.scrollHeight") > 640
    assert reachable(page)


def reachable(page):
    """Whether the first button of the bar is in the lower half of the screen, unhidden, without scrolling."""
    box = page.locator(".bar .primary").bounding_box()
    return box["y"] > 320 and box["y"] + box["height"] <= 640


def test_nothing_changed_when_only_the_spaces_of_a_nik_differ(stage, page):
    stage.sign_in(page)
    page.goto(f"{stage.url}/permohonan/{stage.records['baru']}/ubah")
    page.fill("[name=why]", "periksa saja")
    page.click("text=Simpan perubahan")
    assert "Tidak ada yang berubah." in page.inner_text("main")
