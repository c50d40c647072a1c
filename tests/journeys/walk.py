"""The ways that several journeys take, in the words that stand on the pages."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from pricing import money
from tests.journeys.browsing import Visitor
from tests.journeys.place import Place

KAI = "Kai: a mentor for young people"
KAI_PENCE = 12 * 2_500
GOAL = "I want somebody to do stuff with who doesn't have a go at me."
SUPPORT_AT_HOME = "Family support at home"
A_TIME = re.compile(r"day \d+ \w+( \d{4})?, \d+(:\d\d)?[ap]m")
"""A day and an hour, as people read them: "Wednesday 25 November, 4:30pm"."""

AMOUNT = re.compile(r"£[\d,]+\.\d\d")


@dataclass(frozen=True)
class Money:
    """What a page says is left, set aside and spent, in pence."""

    left: int
    set_aside: int
    spent: int

    @property
    def total(self) -> int:
        """Return all of it."""
        return self.left + self.set_aside + self.spent


def pence(shown: str) -> int:
    """Return the amount that stands somewhere: "£1,250.00" is 125000."""
    found = AMOUNT.search(shown)
    assert found, f"no amount in {shown!r}"
    return money.parse(found[0])


def money_shown(visitor: Visitor) -> Money:
    """Read the three words about money from the page that is open."""
    parts = visitor.page.locator(".money__part")
    expect(parts.first).to_be_visible()
    shown = {
        part.locator("dt").inner_text().partition(",")[0].strip(): part.locator("dd").inner_text()
        for part in parts.all()
    }
    # Where room is short, what is left stands once, as the big figure.
    left = shown.get("left") or visitor.page.locator(".money__figure").inner_text()
    return Money(left=pence(left), set_aside=pence(shown["set aside"]), spent=pence(shown["spent"]))


def open_household(advocate: Visitor) -> Money:
    """Open Fred's household from the list of families; return its money."""
    advocate.open("/advocate/")
    advocate.follow("Fred's household")
    return money_shown(advocate)


def find(advocate: Visitor, *, name: str, words: str, service: str) -> None:
    """Find a service for somebody, and say that nobody is in danger."""
    advocate.follow(f"Find support for {name}")
    advocate.answer("In words", words)
    advocate.press("Look")
    advocate.follow(service)
    advocate.sees("Is somebody in danger now?")
    advocate.sees("999")
    advocate.press("Nobody is in danger: go on")


def ask_for_kai(advocate: Visitor) -> None:
    """Fill in Kai's form for Jamie and send it."""
    find(advocate, name="Jamie", words="mentor who likes bikes", service=KAI)
    advocate.sees("You can take this all the way to money set aside.")
    advocate.answer("Which goal is it for?", GOAL)
    advocate.answer("What could stop this working?", "Nothing we know of")
    advocate.answer("What do you like doing?", "Bikes, and cooking noodles.")
    advocate.answer("When is a good time for you?", "After school")
    advocate.answer("How should we get in touch?", "Through my advocate")
    advocate.press("Check, and send the form")
    advocate.sees("Step 3 of 6: Application")


def ask_for_family_support(advocate: Visitor) -> None:
    """Fill in the form of family support for Fred and send it, which is as far as she may go."""
    find(advocate, name="Fred", words="family support at home", service=SUPPORT_AT_HOME)
    advocate.sees("Leicestershire County Council (demonstration) decides.")
    for question in ("Is there a child or young person under 18", "Are they a mum, dad or carer"):
        # Asked only where nobody told it before.
        if advocate.page.get_by_role("group", name=question).count():
            advocate.answer(question, "Yes")
    advocate.answer("What would you most like to be different?", "Fewer rows in the evening.")
    advocate.answer("When is a good time for you?", "Evenings")
    advocate.answer("How should we get in touch?", "Ring me")
    advocate.answer("How many people live in your home?", "5")
    advocate.answer("How old are the children at home?", "6, 13 and 17")
    advocate.press("Check, and send the form")
    advocate.sees("Step 3 of 6: Application")


def climb_to_the_yes(advocate: Visitor) -> None:
    """Decide who can have it, and record what Fred said."""
    advocate.press("Decide: yes, they can have it")
    advocate.sees("Has the family said yes?")
    advocate.answer("Who said yes?", "Fred")
    advocate.page.get_by_label("On the phone").check()
    advocate.page.get_by_label("They told me so").check()
    advocate.press("Record the yes")
    advocate.sees("Next: Set the money aside")


def holds(site: Place, address: str) -> list[int]:
    """Return the amounts that were set aside for the referral at an address, in pence."""
    return [
        amount
        for (amount,) in site.rows(
            "SELECT amount_pence FROM budgets_transfer WHERE subject = ? AND phase = 'pending'",
            reference_of(address),
        )
    ]


def reference_of(address: str) -> str:
    """Return the reference in an address, as the database writes it."""
    return address.rstrip("/").split("/")[-1].replace("-", "")


def row_of_kai(visitor: Visitor) -> Locator:
    """Return the inbox's row of Jamie's request for Kai."""
    return visitor.page.get_by_role("row", name=KAI).filter(has_text="Jamie")
