"""Hasty hands: a double click, another tab, the back button, a request that is sent again."""

from playwright.sync_api import Request, expect

from tests.journeys import walk
from tests.journeys.browsing import Visitor
from tests.journeys.conftest import Visit
from tests.journeys.place import Place


def test_money_is_set_aside_once_however_often_it_is_asked_for(visit: Visit, site: Place) -> None:
    amira = visit("Amira")
    before = walk.open_household(amira)
    walk.ask_for_kai(amira)
    walk.climb_to_the_yes(amira)
    here = amira.page.url
    other = amira.another_tab()
    other.page.goto(here)

    sent: list[Request] = []
    amira.page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    amira.button("Set the money aside").dblclick()
    amira.sees("Step 5 of 6: Commissioned")
    assert walk.holds(site, here) == [2_500] * 12

    other.press("Set the money aside")  # a page that is out of date
    other.sees("Step 5 of 6: Commissioned")
    assert walk.holds(site, here) == [2_500] * 12

    assert resend(amira, sent[0]) == here  # the network lost the answer, and the browser asks again
    assert walk.holds(site, here) == [2_500] * 12

    amira.page.go_back()
    expect(amira.button("Set the money aside")).to_have_count(0)
    assert walk.open_household(amira).set_aside == before.set_aside + walk.KAI_PENCE


def test_of_two_answers_to_one_request_the_first_counts(visit: Visit, site: Place) -> None:
    amira = visit("Amira")
    walk.open_household(amira)
    amira.follow(walk.KAI)
    amira.page.get_by_role("radio").first.check()
    amira.press("Ask for this time")
    amira.sees("A time was asked for.")

    dev = visit("Dev")
    walk.row_of_kai(dev).get_by_role("link").click()
    colleague = dev.another_tab()
    colleague.page.goto(dev.page.url)
    colleague.press("Decline")
    dev.press("Accept these times")
    dev.sees("You accepted these times")

    colleague.page.get_by_label("There is no free place").check()
    colleague.answer("Tell the family, in a plain sentence", "We are full on that day.")
    colleague.press("Decline")
    colleague.sees("This was answered already.")
    (found,) = site.rows("SELECT state, words FROM bookings_booking ORDER BY id DESC LIMIT 1")
    assert found == ("accepted", "")


def resend(visitor: Visitor, request: Request) -> str:
    """Send a request again exactly as it was; return where its answer leads."""
    answer = visitor.page.request.fetch(
        request.url,
        method="POST",
        data=request.post_data or "",
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "referer": visitor.address,
            "origin": visitor.address,
        },
    )
    assert answer.ok
    return answer.url
