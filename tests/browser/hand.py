"""One hand at the counter in a real browser: it counts what it does and says how long a person would need for it.

Knows taps, fields, characters and the keystroke-level model; refuses to know clocks: a robot's time is not a person's.

A tap is any pointer action or Enter, focusing a field and scrolling to a button included. On a phone no page opens
the keyboard by itself, so the first field of a page always costs its tap; at a desk a focused field does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Device:
    """A screen, and what an action costs on it in seconds.

    `key` a character, `tap` point and press, `home` moving the hand between mouse and keys, `mind` deciding. Desk:
    Card, Moran and Newell, "The keystroke-level model for user performance time with interactive systems", CACM 23
    (1980): K 0.28 (an average typist who is no secretary), P 1.10, B 0.10 twice, H 0.40, M 1.35. Phone: a character
    0.33 (36.2 words a minute; Palin et al., "How do people type on mobile devices?", MobileHCI 2019); a finger points
    and presses in one, P 1.10 is kept for it as the slow bound; the hand is always home.
    """

    name: str
    touch: bool
    key: float
    tap: float
    home: float
    mind: float = 1.35


PHONE = Device("HP", True, 0.33, 1.10, 0.0)
DESK = Device("laptop", False, 0.28, 1.30, 0.40)

PATIENCE = 8000
IN_SIGHT = """each => {
  const box = each.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
  const top = document.elementFromPoint(x, y);
  return !!top && [each, ...(each.labels || [])].some((one) => one.contains(top));
}"""


@dataclass
class Hand:
    """Does one flow on `page`. `known` is what this counter was told before: writing it again is a retyped field."""

    page: Any
    device: Device
    known: set[str] = field(default_factory=set)
    taps: int = 0
    characters: int = 0
    fields: int = 0
    retyped: int = 0
    pages: list[str] = field(default_factory=list)
    seconds: float = 0.0
    _keyboard: bool = False
    _on_keys: bool = False

    def __post_init__(self) -> None:
        self.page.on("framenavigated", self._arrived)

    def tap(self, target: str) -> None:
        """Point at what is meant and press; what lies outside the screen is scrolled to first, which is one more."""
        place = self._find(target)
        self._press(place)
        place.click()
        self._settle()

    def write(self, target: str, text: str) -> None:
        """Type into a field, one key after the other; pointing at it first unless it waits for keys already."""
        place = self._find(target)
        if not self._ready(place):
            self._press(place, mind=False)
            place.click()
        self.page.keyboard.type(text)
        self._keyboard = True
        self._home(keys=True)
        self.fields += 1
        self.retyped += text in self.known
        self.characters += len(text)
        self.seconds += self.device.mind + len(text) * self.device.key

    def enter(self) -> None:
        """The Enter key (on a phone: next or go), wherever the writing was."""
        self._act(self.device.key, keys=True)
        self.page.keyboard.press("Enter")
        self._settle()

    def pick(self, target: str, value: str) -> None:
        """One choice of a drop-down: open it, and press the choice."""
        place = self._find(target)
        self._press(place)
        self._act(self.device.tap)
        place.select_option(value)
        self.fields += 1

    def scan(self, text: str) -> None:
        """A USB scanner: one trigger, then it types into the field that waits for keys, and Enter, by itself."""
        self._act(self.device.mind + self.device.tap)
        self.page.wait_for_selector("input:focus")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        self._settle()

    def see(self, text: str) -> None:
        """Fail unless this stands on the page; reading costs nothing that this model knows."""
        self.page.get_by_text(text).first.wait_for(state="visible")

    def _find(self, target: str) -> Any:
        place = self.page.locator(target).locator("visible=true").first
        place.wait_for(timeout=PATIENCE)
        self._settle()  # a person's fingers are slower than the page's scripts
        return place

    def _ready(self, place: Any) -> bool:
        focused = place.evaluate("each => each === document.activeElement")
        return bool(focused) and (self._keyboard or not self.device.touch)

    def _press(self, place: Any, *, mind: bool = True) -> None:
        if not place.evaluate(IN_SIGHT):
            self._act(self.device.tap)
            place.scroll_into_view_if_needed()
        self._act(self.device.tap + (self.device.mind if mind else 0))

    def _act(self, seconds: float, *, keys: bool = False) -> None:
        self.taps += 1
        self.seconds += seconds
        self._home(keys=keys)

    def _home(self, *, keys: bool) -> None:
        self.seconds += self.device.home if keys != self._on_keys else 0
        self._on_keys = keys

    def _arrived(self, frame: Any) -> None:
        if frame == self.page.main_frame:
            self._keyboard = False
            self.pages.append(frame.url)

    def _settle(self) -> None:
        self.page.wait_for_load_state("load")
