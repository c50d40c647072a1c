"""A cell of the table of agreements goes from offer to live, and no hand leaves the keyboard."""

from playwright.sync_api import expect

from tests.journeys import looking
from tests.journeys.browsing import Visitor
from tests.journeys.conftest import Visit

SERVICE = "Kai: a mentor for young people"
MOST_TABS = 60
AT = """(css) => document.activeElement.matches(css)"""
CELL = """
() => {
  const cell = document.activeElement.closest("td");
  return cell && [cell.parentElement.querySelector("th").innerText, cell.dataset.label].join(" ");
}
"""


def tab_to(visitor: Visitor, css: str) -> None:
    """Press Tab until something has the focus."""
    for _press in range(MOST_TABS):
        if visitor.page.evaluate(AT, css):
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"{css} is not reached by Tab")


def key_to(visitor: Visitor, key: str, *words: str) -> None:
    """Press a key until a cell of the table has the focus."""
    for _press in range(MOST_TABS):
        here = visitor.page.evaluate(CELL) or ""
        if all(word in here for word in words):
            return
        visitor.page.keyboard.press(key)
    raise AssertionError(f"{words} is not reached by {key}")


def enter(visitor: Visitor, *, sees: str) -> None:
    """Press Enter, and wait until words stand on the page that comes."""
    visitor.page.keyboard.press("Enter")
    visitor.sees(sees)


def press(visitor: Visitor, name: str, *, sees: str) -> None:
    """Go to a button by Tab and press it by Enter."""
    visitor.page.get_by_role("button", name=name, exact=True).evaluate(
        "one => one.id ||= 'pressed'"
    )
    button = visitor.page.get_by_role("button", name=name, exact=True).get_attribute("id")
    tab_to(visitor, f"[id='{button}']")
    enter(visitor, sees=sees)


def test_a_cell_is_agreed_by_keyboard_alone(visit: Visit) -> None:
    holder, owner = visit("Moira"), visit("Colin")
    holder.open("/commissioner/agreements/?show=all&owner=")
    tab_to(holder, "[data-matrix] a, [data-matrix] td")
    key_to(holder, "ArrowDown", SERVICE, "NHS Leicestershire")
    enter(holder, sees="Which steps do we have the skills for?")
    assert looking.problems(holder, is_family=False) == []
    holder.page.set_viewport_size(looking.SIZES["desk"])
    tab_to(holder, "[name=roles_check_eligibility]")
    holder.page.keyboard.press("Space")
    press(holder, "Offer this", sees="Offered.")

    owner.open("/commissioner/agreements/")
    tab_to(owner, "[data-matrix] a")
    key_to(owner, "n", SERVICE, "NHS Leicestershire")
    assert looking.problems(owner, is_family=False) == []
    owner.page.set_viewport_size(looking.SIZES["desk"])
    enter(owner, sees="Answer what was offered")
    assert looking.problems(owner, is_family=False) == []
    owner.page.set_viewport_size(looking.SIZES["desk"])
    for name, typed in (("all_answer", "Yes"), ("all_risk", "Low"), ("cover_kind", "Borne")):
        tab_to(owner, f"[name={name}]")
        owner.page.keyboard.type(typed)
    press(owner, "Send the answer", sees="Answered.")
    assert owner.page.evaluate(AT, "#next")  # one Enter away from the next that waits
    press(owner, "Sign", sees="Signed.")

    holder.open("/commissioner/agreements/")
    tab_to(holder, "[data-matrix] a")
    key_to(holder, "n", SERVICE)
    enter(holder, sees="Sign for our organisation")
    press(holder, "Sign", sees="What holds today")
    expect(holder.page.get_by_role("heading", level=1)).to_contain_text("Live")
    holder.sees("Intake worker: check eligibility. Borne by the owner.")
