"""A provider proposes, the owner's editor answers, and everybody reads what was approved."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.journeys.browsing import Visitor
from tests.journeys.conftest import Visit

HOSTILE = '<img src=x onerror="window.harmed = true"><script>window.harmed = true</script>'
FIRST = "Your mentor goes climbing with you!!!"
SECOND = "Your mentor goes climbing with you, and brings the ropes."
COMMENT = "Fewer exclamation marks, please."


def test_from_a_proposal_to_what_everybody_reads(visit: Visit) -> None:
    dev, edie = visit("Dev"), visit("Edie")
    propose(dev, FIRST)
    dev.sees("A change is waiting for an editor.")

    look_at_the_changes(edie)
    table = edie.page.get_by_role("table")
    expect(table.locator("ins").first).to_be_visible()
    expect(table).to_contain_text(FIRST)
    expect(table).to_contain_text("<script>window.harmed = true</script>")  # words, only words
    answer(edie, "Ask for changes", COMMENT)

    dev.page.reload()
    dev.sees("An editor asks for changes.")
    dev.sees(COMMENT)
    assert_unharmed(dev)
    propose(dev, SECOND)

    look_at_the_changes(edie)
    expect(edie.page.get_by_role("table")).to_contain_text(SECOND)
    answer(edie, "Approve and publish")

    dev.page.reload()
    dev.follow("See what families read")
    path = urlsplit(dev.page.url).path
    reader = visit()
    assert reader.open(path) == 200
    reader.sees(SECOND)
    assert FIRST not in reader.text()
    for visitor in (dev, edie, reader):
        assert_unharmed(visitor)


def test_without_javascript_a_provider_proposes_as_well(visit: Visit) -> None:
    dev = visit("Dev", has_javascript=False)
    propose(dev, "Your mentor listens, and goes for walks with you.")
    dev.sees("A change is waiting for an editor.")


def propose(dev: Visitor, summary: str) -> None:
    """Propose what Kai's entry says of him, with hostile words beside it."""
    dev.go("My services")
    dev.follow(re.compile("^Kai"))
    dev.follow("Propose a change")
    dev.page.get_by_label("In one plain sentence").fill(summary)
    dev.page.get_by_label("What you do").fill(f"Somebody who was young once. {HOSTILE}")
    dev.press("Send to the editor")


def look_at_the_changes(edie: Visitor) -> None:
    """Open what waits for the editor."""
    edie.open("/cms/")
    assert_unharmed(edie)
    edie.page.get_by_role("link", name=re.compile("^Look at the changes proposed to Kai")).click()
    assert_unharmed(edie)


def answer(edie: Visitor, button: str, comment: str = "") -> None:
    """Answer the proposal, and look at the entry's own form on the way."""
    edie.page.get_by_label(re.compile("^What the provider reads")).fill(comment)
    edie.page.get_by_role("button", name=button, exact=True).click()
    edie.page.wait_for_url(re.compile(r"/cms/snippets/cms/service/$"))
    assert_unharmed(edie)


def assert_unharmed(visitor: Visitor) -> None:
    """Nothing that somebody wrote was run."""
    assert visitor.page.evaluate("window.harmed") is None
