"""One form to five services: begun at the desk, gone on with on a phone, five outcomes."""

import json

from playwright.sync_api import expect

from tests.journeys import browsing, walk
from tests.journeys.browsing import Visitor
from tests.journeys.conftest import Visit
from tests.journeys.place import Place

ONLY_TOLD = "Start learning again"
CHECKED = "Benefits check"
SENT = "Calm and in control"
AGREED = "Living with teenagers"
BOUGHT = "Debt advice"
SEARCHES = {
    ONLY_TOLD: "start learning again",
    CHECKED: "benefits check",
    SENT: "calm and in control",
    AGREED: "living with teenagers",
    BOUGHT: "debt advice",
}
CHANGE = "Fewer letters we dare not open."
OF_THE_FORM = """
    SELECT service.name, referral.rung, referral.handed_over_rung, application.answers
    FROM referrals_draft_referrals AS sent
    JOIN referrals_referral AS referral ON referral.id = sent.referral_id
    JOIN cms_service AS service ON service.id = referral.service_id
    LEFT JOIN referrals_application AS application ON application.referral_id = referral.id
"""
QUESTIONS = """
    SELECT question.key FROM cms_question AS question
    JOIN cms_service AS service ON service.id = question.service_id WHERE service.name = ?
"""


def test_one_form_goes_to_five_services_with_five_outcomes(visit: Visit, site: Place) -> None:
    desk = visit("Amira")
    amira_chooses_five_for_fred(desk)
    amira_begins_the_form(desk)
    phone = visit("Amira", size=browsing.PHONE)
    amira_goes_on_with_it_on_her_phone(phone)
    amira_checks_it_and_sends_it_once(phone, site)

    sent = phone.page.url
    amira_takes_further_what_is_hers(desk, sent)
    outcomes = {name: (rung, handed) for name, rung, handed, _told in site.rows(OF_THE_FORM)}
    assert outcomes == {
        ONLY_TOLD: ("signposted", "signposted"),
        CHECKED: ("soft_referred", "soft_referred"),
        SENT: ("applied", "applied"),
        AGREED: ("hard_referred", "hard_referred"),
        BOUGHT: ("commissioned", "commissioned"),
    }
    each_was_told_only_what_it_asked(site)


def amira_chooses_five_for_fred(desk: Visitor) -> None:
    """Search for each, keep it, and go on looking; then ask them all with one form."""
    walk.open_household(desk)
    desk.follow("Find support for Fred")
    for name, words in SEARCHES.items():
        desk.answer("In words", words)
        desk.press("Look")
        desk.page.get_by_label(f"Choose for one form: {name}", exact=True).check()
        desk.press("Keep them and go on looking")
        desk.sees(f"{list(SEARCHES).index(name) + 1} chosen")
    desk.press("Ask those I chose, with one form")
    desk.sees("Is somebody in danger now?")
    desk.press("Nobody is in danger: go on")
    desk.sees("One form for 5 services")


def amira_begins_the_form(desk: Visitor) -> None:
    """Say why, and begin to answer; what she types is saved although she presses nothing."""
    desk.press("Start the form")
    desk.answer("Which goal is it for?", "No goal of the plan")
    desk.answer("What could stop this working?", "Nothing we know of")
    desk.press("Save and go on")
    desk.answer("Is there a child aged 11 to 17 at home?", "Yes")
    desk.press("Save and go on")
    desk.sees("Each question once.")
    field = desk.page.get_by_label("What would you most like to be different?")
    with desk.page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        field.fill(CHANGE)
        field.blur()
    assert saved.value.status == 200


def amira_goes_on_with_it_on_her_phone(phone: Visitor) -> None:
    """Find the form where she left it, with what she typed, and fill in the rest."""
    phone.open("/advocate/")
    phone.sees("Unfinished forms")
    phone.follow("Go on with the form for Fred")
    phone.sees("Is somebody in danger now?")
    phone.press("Nobody is in danger: go on")
    phone.sees("What they ask")
    expect(phone.page.get_by_label("What would you most like to be different?")).to_have_value(
        CHANGE
    )
    phone.answer("When is a good time for you?", "Evenings")
    phone.answer("How should we get in touch?", "Ring me")
    phone.answer("How old are the children at home?", "6, 13 and 17")
    phone.answer("Are you behind with the rent?", "No")
    phone.press("Save and go on")


def amira_checks_it_and_sends_it_once(phone: Visitor, site: Place) -> None:
    """Read what each one gets; one button sends it to all."""
    phone.sees("Check what each service gets")
    for name in (SENT, AGREED, BOUGHT):
        card = phone.page.get_by_role("region", name=name)
        expect(card).to_contain_text("Gets the form")
        expect(card).to_contain_text(CHANGE)
    told = phone.page.get_by_role("region", name=ONLY_TOLD)
    expect(told).to_contain_text("You can only tell them about it")
    expect(told).not_to_contain_text(CHANGE)
    checked = phone.page.get_by_role("region", name=CHECKED)
    expect(checked).to_contain_text("Gets no form from you")
    assert site.rows(OF_THE_FORM) == []
    phone.press("Send it to 5 services")
    phone.sees("Sent. How far each one is")


def amira_takes_further_what_is_hers(desk: Visitor, sent: str) -> None:
    """Decide where she may, and set money aside where she may do that too."""
    desk.page.goto(sent)
    desk.follow(AGREED)
    desk.press("Decide: yes, they can have it")
    desk.sees("Step 4 of 6: Hard referral")
    desk.page.goto(sent)
    desk.follow(BOUGHT)
    walk.climb_to_the_yes(desk)
    desk.press("Set the money aside")
    desk.sees("Step 5 of 6: Commissioned")


def each_was_told_only_what_it_asked(site: Place) -> None:
    """Past our own code: the keys of each one's answers are keys of its own questions."""
    told = {
        name: json.loads(answers) for name, _r, _h, answers in site.rows(OF_THE_FORM) if answers
    }
    assert set(told) == {SENT, AGREED, BOUGHT}
    for name, answers in told.items():
        assert answers["what_to_change"] == CHANGE
        assert set(answers) <= {key for (key,) in site.rows(QUESTIONS, name)}
    assert "rent_behind" in told[BOUGHT]
    assert "rent_behind" not in {**told[SENT], **told[AGREED]}
