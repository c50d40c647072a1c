"""Every page of every front door, on a phone and at a desk: whole, usable, no complaint.

Those of the doors that people come to for their work are looked at in `test_look_at_work`.
"""

import pytest

from tests.journeys import doors, looking
from tests.journeys.conftest import Visit
from tests.journeys.doors import Door, site  # noqa: F401 - a fixture: pages with something to show
from tests.journeys.place import Place


@pytest.mark.parametrize("door", doors.WITH_FAMILIES.values(), ids=doors.WITH_FAMILIES)
def test_every_page_of_a_front_door_is_fit_to_be_seen(
    visit: Visit,
    site: Place,  # noqa: F811
    door: Door,
) -> None:
    assert doors.faults(visit(door.who), site, door) == []


@pytest.mark.parametrize(
    ("who", "path", "button"),
    [
        ("", "/account/login/", "Sign in"),
        ("Fred", "/family/choose/mentor-carol/?safe=yes", "Ask for this"),
        ("Fred", "/family/plan/add/", "Add it"),
        ("Colin", "/commissioner/funds/new/", "Open the fund"),
    ],
)
def test_a_form_that_was_sent_empty_is_fit_to_be_seen(
    visit: Visit, who: str, path: str, button: str
) -> None:
    visitor = visit(who)
    visitor.open(path)
    visitor.page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    visitor.sees("There is something to put right")
    assert looking.problems(visitor, is_family=who == "Fred") == []


def test_each_of_these_faults_would_be_seen(visit: Visit) -> None:
    visitor = visit()
    visitor.open("/accessibility/")
    assert looking.problems(visitor, is_family=True) == []
    visitor.page.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.insertAdjacentHTML("beforeend", `<h1>Another</h1><img src="data:,">
            <p class="wide">Wide</p><p style="color: red">Inline</p>
            <button>.</button><button>,</button>
            <a href="/" class="pale">Pale</a>`);
          document.querySelector(".wide").style.width = "2000px";
          document.querySelector(".pale").style.color = "#eee";
          for (const button of main.querySelectorAll("button"))
            Object.assign(button.style, {width: "12px", height: "12px", padding: 0, margin: 0});
          console.error("Broken");
        }"""
    )
    found = "\n".join(looking.problems(visitor, is_family=True))
    for fault in (
        "2 first headings",
        "image-alt",
        "color-contrast",
        "target-size",
        "px too wide",
        "too small to press: 12 × 12",
        "Broken",
        "refused by the policy: style-src-attr",
    ):
        assert fault in found
