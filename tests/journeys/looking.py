"""What is wrong with a page, as a browser sees it: axe's rules, and ours where it has none."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ViewportSize

from tests.journeys import browsing
from tests.journeys.browsing import Visitor

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
RUN = "(rules) => axe.run(rules).then((found) => found.violations)"
SIZES = {"phone": browsing.PHONE, "desk": browsing.DESK}
# Of what can be pressed on a family's page, what is smaller than a thumb.
SMALL = """
() => [...document.querySelectorAll("button, [role=button], select, input, textarea")]
  .map((target) => target.labels?.length && ["radio", "checkbox"].includes(target.type)
    ? target.closest(".govuk-radios__item, .govuk-checkboxes__item") ?? target : target)
  .filter((target) => target.type !== "hidden" && target.checkVisibility())
  .map((target) => [target.getBoundingClientRect(), target])
  .filter(([box]) => box.width > 1 && (box.width < 44 || box.height < 43.5))
  .map(([box, target]) => `${Math.round(box.width)} × ${Math.round(box.height)}: `
    + (target.innerText || target.name || target.id || target.outerHTML).slice(0, 60))
"""
WIDER_BY = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDEST = """
() => [...document.querySelectorAll("main *")]
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
    && !one.closest(".table-scroll"))
  .slice(0, 3).map((one) => `<${one.localName} class="${one.className}">`).join(" ")
"""


def problems(visitor: Visitor, *, is_family: bool) -> list[str]:
    """Look at the page that is open, on a phone and at a desk; return what is wrong with it."""
    found = _once(visitor)
    visitor.page.evaluate(AXE_SCRIPT)
    for name, size in SIZES.items():
        visitor.page.set_viewport_size(size)
        found += [f"{name}: {what}" for what in _at(visitor, size, is_family=is_family)]
    return found


def _once(visitor: Visitor) -> list[str]:
    """Return what does not depend on the width."""
    page = visitor.page
    found = [f"refused by the policy: {what}" for what in page.evaluate("window.refused")]
    found += visitor.complaints
    visitor.complaints.clear()
    headings = page.locator("h1").count()
    if headings != 1:
        found.append(f"{headings} first headings")
    return found


def _at(visitor: Visitor, size: ViewportSize, *, is_family: bool) -> list[str]:
    page = visitor.page
    found = [_words(violation) for violation in page.evaluate(RUN, RULES)]
    if (wider := page.evaluate(WIDER_BY)) > 0:
        found.append(f"{wider} px too wide: {page.evaluate(WIDEST)}")
    if is_family:
        found += [f"too small to press: {what}" for what in page.evaluate(SMALL)]
    return found


def _words(violation: dict[str, Any]) -> str:
    """Return what axe found, and where first."""
    nodes = violation["nodes"]
    where = "; ".join(" ".join(map(str, node["target"])) for node in nodes[:3])
    return f"{violation['id']} ({len(nodes)} times): {where}"
