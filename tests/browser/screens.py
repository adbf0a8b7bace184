"""Makes the pictures of every stall screen on a phone (360x640) and a laptop (1280x800).

Run it as `python -m tests.browser.screens`.

Writes docs/screens/gerai-<screen>-<width>.png, or into the folder given as the only argument.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.away import WITHOUT_STALL
from tests.browser.camera import allow, camera, film, paper
from tests.browser.stage import SIGNED_IN, STRANGER, Show, Stage, staged, unenrolled
from tests.conftest import DESK, PHONE, find_chromium

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
DOCUMENTS = {"13-cetak", "42-bawa", "57-tutup-hari", "60-kertas-kosong", "70-hp", "71-hp-label"}
SIZES = ({"viewport": PHONE, "is_mobile": True, "has_touch": True}, {"viewport": DESK})


def _scanning(page: Any, stage: Stage) -> None:
    """A receipt half in the camera's view: there is nothing to read yet."""
    allow(page)
    page.goto(stage.url + "/ambil")
    page.click("[data-scan]")
    page.get_by_text("Arahkan kamera").wait_for()
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.3")


def _refused(page: Any, stage: Stage) -> None:
    allow(page, camera=False)
    page.goto(stage.url + "/ambil")
    page.click("[data-scan]")
    page.get_by_text("Kamera tidak diizinkan").wait_for()


WITH_CAMERA: dict[str, Show] = {"85-pindai": _scanning, "86-pindai-ditolak": _refused}


def shoot(page: Any, picture: Path, *, whole: bool = False) -> None:
    """What the screen shows, or a `whole` document however long; in few colours where pngquant is at hand."""
    page.wait_for_load_state()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    size = page.viewport_size
    if whole:  # on a screen as tall as it is, so that the tabs stand at its foot
        page.set_viewport_size({**size, "height": page.evaluate("document.documentElement.scrollHeight")})
    page.screenshot(path=picture, animations="disabled")
    page.set_viewport_size(size)
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--skip-if-larger", picture], check=False)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as play:
        seen = Path(place) / "film.y4m"
        sheet = paper("http://gerai.test/c#K7M24QX93TBD", 9).rotate(-8, expand=True, fillcolor=150)
        film(seen, sheet.crop((0, 120, sheet.width, 600)))
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", *camera(seen)])
        for size in SIZES:
            width = size["viewport"]["width"]
            with staged(Path(place) / f"gerai-{width}") as stage:
                page = browser.new_page(**size, locale="id-ID")
                for name, show in STRANGER.items():
                    show(page, stage)
                    shoot(page, folder / f"gerai-{name}-{width}.png")
                stage.sign_in(page)
                for name, show in {**SIGNED_IN, **WITH_CAMERA}.items():
                    if page.locator("[name=pin]").count():
                        stage.sign_in(page)
                    show(page, stage)
                    shoot(page, folder / f"gerai-{name}-{width}.png", whole=name in DOCUMENTS)
                stage.sign_in(page)
                for name, show in WITHOUT_STALL.items():
                    show(page, stage)
                    shoot(page, folder / f"gerai-{name}-{width}.png")
                page.close()
            with unenrolled(Path(place) / f"baru-{width}") as url:
                page = browser.new_page(**size, locale="id-ID")
                page.goto(url + "/")
                shoot(page, folder / f"gerai-28-belum-terdaftar-{width}.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
