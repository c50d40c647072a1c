"""Walk the demonstration place in a browser and renew the pictures in docs/tour/.

    python -m tests.journeys.tour                 (make tour)

It seeds a place of its own, so nobody's demonstration changes. The same walk as the main job's:
Amira asks for Kai and is stopped at family support, Dev and Ingrid find it in their inboxes.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, ViewportSize

from tests import servers
from tests.journeys import browsing, place, walk
from tests.journeys.browsing import Visitor
from tests.journeys.place import Place

FOLDER = servers.BASE_DIR / "docs" / "tour"
FAULTY_FEED = "tests/marketplace/openreferral/faulty_feed.json"
COUNTY = "Leicestershire County Council (demonstration)"
MOST_BYTES = 250_000
COLOURS = 256
DESK = ViewportSize(width=1280, height=960)
SHARP = 2
"""A phone's pictures have as many pixels as a phone."""


class TooBig(Exception):
    """A picture that readers would have to wait for."""


def main() -> int:
    """Seed a place, serve it, walk through it; return the exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="alongside-tour-") as folder:
        file = Path(folder) / "tour.sqlite3"
        say("Seeding a demonstration place …")
        place.seed(file, families=int(os.environ.get("FAMILIES", "60")))
        place.run(file, "manage.py", "import_services", FAULTY_FEED, "--for", COUNTY)
        with place.serve(file) as site, browsing.chromium() as browser:
            for walked in (strangers, advocate, workers, family, commissioner, editor):
                walked(browser, site)
    return 0


def say(sentence: str) -> None:
    """Tell whoever waits."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def somebody(
    browser: Browser, site: Place, name: str = "", *, size: ViewportSize = DESK
) -> Iterator[Visitor]:
    """Give somebody a browser, signed in unless nobody is named."""
    scale = SHARP if size == browsing.PHONE else 1
    with browsing.visit(browser, address=site.address, size=size, scale=scale) as visitor:
        if name:
            visitor.sign_in(name)
        yield visitor


def strangers(browser: Browser, site: Place) -> None:
    """The way in, and the catalogue that needs no sign-in."""
    with somebody(browser, site) as visitor:
        visitor.open("/")
        take(visitor, "home")
        visitor.open("/services/?words=mentor")
        take(visitor, "find-support")


def advocate(browser: Browser, site: Place) -> None:
    """Amira takes Kai all the way, and is stopped at family support."""
    with somebody(browser, site, "Amira") as amira:
        take(amira, "advocate-families")
        walk.open_household(amira)
        take(amira, "advocate-household")
        walk.ask_for_kai(amira)
        walk.climb_to_the_yes(amira)
        take(amira, "advocate-set-aside")
        amira.press("Set the money aside")
        amira.page.get_by_role("radio").first.check()
        amira.press("Ask for this time")
        walk.open_household(amira)
        walk.ask_for_family_support(amira)
        take(amira, "advocate-stopped")


def workers(browser: Browser, site: Place) -> None:
    """What came to the owner's intake, and to the provider."""
    with somebody(browser, site, "Ingrid") as ingrid:
        take(ingrid, "intake-inbox")
    with somebody(browser, site, "Dev") as dev:
        take(dev, "provider-inbox")
        walk.row_of_kai(dev).get_by_role("link").click()
        dev.press("Accept these times")
        dev.sees("You accepted these times")
        dev.go("Calendar")
        dev.follow("Week after")
        dev.sees("Jamie, 13")
        take(dev, "provider-calendar")


def family(browser: Browser, site: Place) -> None:
    """Fred, on his phone."""
    with somebody(browser, site, "Fred", size=browsing.PHONE) as fred:
        take(fred, "family-home")
        fred.open("/family/money/")
        take(fred, "family-money")
        fred.open("/family/looks/")
        take(fred, "family-who-has-looked")
        fred.open("/family/sharing/")
        take(fred, "family-sharing")
        fred.open("/family/sharing/add/")
        take(fred, "family-let-somebody-see", top="h1")
        fred.open("/family/facts/")
        take(fred, "family-facts", top="h1")


def commissioner(browser: Browser, site: Place) -> None:
    """Colin reads what was bought, and who may do what."""
    with somebody(browser, site, "Colin") as colin:
        take(colin, "commissioner-spend")
        colin.go("Agreements")
        colin.page.get_by_label("Whose services").select_option("Ours")
        colin.press("Show")
        take(colin, "commissioner-agreements", top="h1")
        row = colin.page.get_by_role("row").filter(has_text="Debt advice")
        row.locator("td[data-label='Beacon Advocacy'] a").click()
        colin.sees("What holds today")
        take(colin, "commissioner-agreement")


def editor(browser: Browser, site: Place) -> None:
    """Edie works through what an import found."""
    with somebody(browser, site, "Edie") as edie:
        edie.open("/cms/")
        edie.page.get_by_role("link", name="in the review list").click()
        take(edie, "editor-review-list")


def take(visitor: Visitor, name: str, *, top: str = "body") -> None:
    """Keep a picture of a screen from `top` on, small, and without a word of where it was made.

    Raises TooBig.
    """
    visitor.page.locator(top).first.evaluate("part => part.scrollIntoView()")
    shown = Image.open(BytesIO(visitor.page.screenshot(animations="disabled")))
    small = shown.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    path = FOLDER / f"{name}.png"
    small.save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise TooBig(f"{path.name} has {size:,} bytes; {MOST_BYTES:,} are the most.")
    say(f"{path.relative_to(servers.BASE_DIR)}  {size:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
