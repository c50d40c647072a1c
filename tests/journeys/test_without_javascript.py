"""The core of the main job with JavaScript off: pages are quicker with it, never possible by it."""

import re

from tests.journeys import browsing, walk
from tests.journeys.conftest import Visit
from tests.journeys.place import Place


def test_the_core_of_the_main_job_needs_no_javascript(visit: Visit, site: Place) -> None:
    fred = visit("Fred", size=browsing.PHONE, has_javascript=False)
    before = walk.money_shown(fred)
    amira = visit("Amira", has_javascript=False)
    walk.open_household(amira)
    walk.ask_for_kai(amira)
    walk.climb_to_the_yes(amira)
    # Nothing in the browser keeps a hasty hand from sending this twice.
    amira.button("Set the money aside").dblclick()
    amira.sees("Step 5 of 6: Commissioned")
    assert walk.holds(site, amira.page.url) == [2_500] * 12
    amira.page.get_by_role("radio").first.check()
    amira.press("Ask for this time")
    amira.sees("A time was asked for.")

    dev = visit("Dev", has_javascript=False)
    walk.row_of_kai(dev).get_by_role("link").click()
    dev.press("Accept these times")
    dev.sees("You accepted these times")
    dev.go("Sessions")
    dev.follow(re.compile(r"^Record Jamie"))
    dev.page.get_by_label("It happened").check()
    dev.press("Record it")
    dev.sees("£25.00 spent")

    fred.open("/family/")
    money = walk.money_shown(fred)
    assert money.total == before.total
    assert money.set_aside == before.set_aside + walk.KAI_PENCE - 2_500
    fred.go("What happens next")
    fred.follow(walk.KAI)
    fred.sees(walk.A_TIME)


def test_a_form_sent_half_empty_keeps_what_was_typed(visit: Visit) -> None:
    amira = visit("Amira", has_javascript=False)
    walk.open_household(amira)
    walk.find(amira, name="Fred", words="family support at home", service=walk.SUPPORT_AT_HOME)
    question = "What would you most like to be different?"
    amira.answer(question, "Fewer rows in the evening.")
    amira.press("Check, and send the form")
    amira.sees("There is something to put right")
    assert amira.page.get_by_label(question).input_value() == "Fewer rows in the evening."
    assert amira.page.title().startswith("Error:")
