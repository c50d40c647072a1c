"""A real Chromium, and people who sit in front of it."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests import machine

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)
PATIENCE_MS = 15_000
"""How long a page may take on a busy machine before we call it broken."""

# Written by the browser itself for every answer that is no success, asked for or not.
STATUS_NOTE = re.compile(r"Failed to load resource: .* status of (403|404|422)")
TELL_OF_REFUSALS = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@dataclass
class Visitor:
    """Somebody with a browser of their own: one context, so that sign-ins do not mix."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    """What the browser's console complained about."""

    def open(self, path: str) -> int:
        """Go to an address of the site; return the answer's status."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        return answer.status

    def sign_in(self, name: str) -> None:
        """Sign in by the button with somebody's name, which the demonstration has."""
        self.open("/account/login/")
        self.page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}\b")).click()
        self.page.wait_for_url(lambda url: "/account/" not in url)

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the one button that is called so; some are links that look like one."""
        self.button(name).click()

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Follow the first link whose name holds this."""
        self.page.get_by_role("main").get_by_role("link", name=name).first.click()

    def go(self, name: str) -> None:
        """Follow a link of the navigation."""
        pages = self.page.get_by_role("navigation", name="Pages here")
        menu = pages.get_by_role("button", name="Menu")
        if menu.count():  # on a phone with JavaScript
            menu.click()
        pages.get_by_role("link", name=name, exact=True).click()

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """Return what can be pressed under exactly this name."""
        either = self.page.get_by_role("button", name=name, exact=True)
        return either.or_(self.page.get_by_role("link", name=name, exact=True))

    def answer(self, question: str, words: str) -> None:
        """Answer a question of a form: choose among its answers, or write."""
        group = self.page.get_by_role("group", name=question)
        if group.count():
            group.get_by_label(words, exact=True).check()
            return
        field = self.page.get_by_label(question)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=words)
        else:
            field.fill(words)

    def sees(self, words: str | re.Pattern[str]) -> None:
        """Wait until words stand on the page."""
        expect(self.page.get_by_role("main")).to_contain_text(words)

    def text(self) -> str:
        """Return what the page says."""
        return self.page.get_by_role("main").inner_text()

    def another_tab(self) -> "Visitor":
        """Open another tab of the same browser, signed in as the first is."""
        return watched(self.page.context.new_page(), address=self.address)


def watched(page: Page, *, address: str) -> Visitor:
    """Return a visitor whose browser's complaints are noted."""
    visitor = Visitor(page=page, address=address)

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not STATUS_NOTE.match(message.text):
            visitor.complaints.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: visitor.complaints.append(f"{page.url}: {error}"))
    return visitor


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser, and stop it at the end."""
    path = machine.chromium()
    if path is None:
        raise RuntimeError(machine.MISSING)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def visit(
    browser: Browser,
    *,
    address: str,
    size: ViewportSize = DESK,
    has_javascript: bool = True,
    scale: float = 1,
) -> Iterator[Visitor]:
    """Give somebody a browser of their own, of a phone's or a desk's size."""
    context = browser.new_context(
        viewport=size,
        has_touch=size == PHONE,
        java_script_enabled=has_javascript,
        device_scale_factor=scale,
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(TELL_OF_REFUSALS)
    try:
        yield watched(context.new_page(), address=address)
    finally:
        context.close()
