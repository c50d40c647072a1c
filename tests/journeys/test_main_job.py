"""The main job, as its four users do it: real pages, a real browser, sockets, one database."""

import re
from datetime import date

from playwright.sync_api import expect

from pricing import money
from tests.journeys import browsing, place, walk
from tests.journeys.browsing import Visitor
from tests.journeys.conftest import Visit
from tests.journeys.place import Place

SECRET = "mentor-priya"
SHANICE_PENCE = 2_500
# Past our own code: what the ledger's rows say was spent on a side of the county's, by name.
SPENT_BY = """
    SELECT {what}, SUM(CASE WHEN debit.kind = 'envelope' THEN amount_pence ELSE -amount_pence END)
    FROM budgets_transfer AS row
    JOIN budgets_account AS debit ON debit.id = row.debit_id
    JOIN budgets_account AS credit ON credit.id = row.credit_id
    JOIN cms_organisation AS provider
      ON provider.id IN (debit.organisation_id, credit.organisation_id)
    JOIN budgets_envelope AS envelope ON envelope.id = row.envelope_id
    JOIN budgets_fund AS fund ON fund.id = envelope.fund_id
    JOIN cms_service AS service ON service.id = row.service_id
    JOIN cms_organisation AS county ON county.id IN (fund.organisation_id, service.owner_id)
    WHERE row.phase = 'posted' AND 'provider' IN (debit.kind, credit.kind)
      AND county.source_id = 'leicestershire-county-council'
    GROUP BY 1
"""


def test_a_familys_referral_climbs_from_a_conversation_to_money_spent(
    visit: Visit, site: Place
) -> None:
    amira, dev = visit("Amira"), visit("Dev")
    fred = visit("Fred", size=browsing.PHONE)
    freds = walk.money_shown(fred)
    dev.go("Inbox")
    dev.page.evaluate("window.sameLoad = true")

    before = walk.open_household(amira)
    kai = amira_takes_kai_to_commissioned(amira, before)
    amira.page.get_by_role("radio").first.check()
    amira.press("Ask for this time")
    amira.sees("A time was asked for.")

    dev_sees_it_come_and_accepts(dev)
    amira.sees("It is booked")  # whose turn it is changed by itself
    amira.page.reload()
    amira.sees("Step 6 of 6: Booked")
    assert rungs(site, kai) == ("booked", "commissioned")

    dev_records_that_shanice_met_jamie(dev)
    after = walk.open_household(amira)
    assert after == moved(before)
    fred.open("/family/")
    assert walk.money_shown(fred) == moved(freds)

    fred_sees_what_happens_next_and_who_helps(fred)
    fred_cannot_open_what_is_staceys(fred, site)
    colin_sees_every_penny(visit("Colin"), site)


def test_where_the_advocate_is_stopped_the_owners_intake_goes_on(visit: Visit, site: Place) -> None:
    amira = visit("Amira")
    walk.open_household(amira)
    support = amira_is_stopped_at_applied(amira)
    assert rungs(site, support) == ("applied", "applied")

    ingrid = visit("Ingrid")
    ingrid.follow("Fred")
    ingrid.sees("Fewer rows in the evening.")
    ingrid.sees("Next, in one go")  # who can have it and how much, on one page
    ingrid.answer("Could they lose their home?", "No")
    ingrid.answer("Have they a disability or a long illness?", "No")
    ingrid.press("Save all of it")
    ingrid.sees("Step 4 of 6: Hard referral")

    amira.page.reload()
    amira.sees("Step 4 of 6: Hard referral")
    amira.sees(re.compile(r"Handed over at\s*Application"))
    assert rungs(site, support) == ("hard_referred", "applied")


def amira_takes_kai_to_commissioned(amira: Visitor, before: walk.Money) -> str:
    """Climb five rungs in one sitting; return the referral's address."""
    walk.ask_for_kai(amira)
    walk.climb_to_the_yes(amira)
    amira.sees("£300.00 goes from what is left to what is set aside")
    amira.press("Set the money aside")
    amira.sees("Step 5 of 6: Commissioned")
    here = amira.page.url
    after = walk.open_household(amira)
    assert before.left - after.left == after.set_aside - before.set_aside == walk.KAI_PENCE
    assert after.spent == before.spent
    amira.page.goto(here)
    return here


def dev_sees_it_come_and_accepts(dev: Visitor) -> None:
    """The inbox fills by itself; he opens what came and says yes."""
    row = walk.row_of_kai(dev)
    expect(row).to_contain_text("Jamie, 13")
    expect(row).to_contain_text("Answer the times")
    assert dev.page.evaluate("window.sameLoad") is True
    row.get_by_role("link").click()
    dev.sees("Can you give these times?")
    dev.press("Accept these times")
    dev.sees("You accepted these times")


def dev_records_that_shanice_met_jamie(dev: Visitor) -> None:
    """He says of a session that has begun that it happened."""
    dev.go("Sessions")
    dev.follow(re.compile(r"^Record Jamie"))
    dev.sees("£25.00 set aside")
    dev.page.get_by_label("It happened").check()
    dev.press("Record it")
    dev.sees("£25.00 spent")


def moved(before: walk.Money) -> walk.Money:
    """Return what money was before, after Kai's was set aside and one of Shanice's hours spent."""
    return walk.Money(
        left=before.left - walk.KAI_PENCE,
        set_aside=before.set_aside + walk.KAI_PENCE - SHANICE_PENCE,
        spent=before.spent + SHANICE_PENCE,
    )


def fred_sees_what_happens_next_and_who_helps(fred: Visitor) -> None:
    """What comes and when, and who is there for them: on the page he lands on."""
    fred.sees("What happens next")
    fred.sees("Who is helping")
    fred.sees("Amira Shah")
    fred.go("What happens next")
    story = fred.page.get_by_role("article").filter(has_text=walk.KAI)
    expect(story).to_contain_text(walk.A_TIME)


def fred_cannot_open_what_is_staceys(fred: Visitor, site: Place) -> None:
    """Nothing of it shows anywhere, and its addresses are those of nothing."""
    referral, goal = site.rows(
        "SELECT r.reference, (SELECT g.reference FROM budgets_goal g WHERE g.is_confidential"
        " AND g.person_id = r.person_id) FROM referrals_referral r"
        " JOIN cms_service s ON s.id = r.service_id WHERE s.slug = ?",
        SECRET,
    )[0]
    assert fred.open(f"/family/next/{referral}/") == 404
    assert fred.open(f"/family/plan/{goal}/") == 404
    for path in ("/family/", "/family/next/", "/family/plan/", "/family/money/", "/family/looks/"):
        assert fred.open(path) == 200
        assert "Priya" not in fred.text()
        assert "smoking" not in fred.text()


def colin_sees_every_penny(colin: Visitor, site: Place) -> None:
    """By provider, by service and by month it is what the ledger's own rows add up to."""
    colin.go("Spend")
    providers = column(colin, "By provider")
    assert providers == spent_by(site, "provider.name")
    assert column(colin, "By service") == spent_by(site, "service.name")
    months = spent_by(site, "strftime('%Y-%m-01', row.at)")
    assert column(colin, "Spent, by month and provider", which=-1) == {
        f"{date.fromisoformat(month):%B %Y}": pence for month, pence in months.items()
    }
    colin.sees(money.show(sum(providers.values())))
    assert "The ledger holds" in place.run(site.file, "manage.py", "prove_ledger")


def column(visitor: Visitor, caption: str, *, which: int = 0) -> dict[str, int]:
    """Return a column of amounts by the name of its row, in pence, without those of nothing."""
    table = visitor.page.get_by_role("table", name=caption, exact=True)
    found = {}
    for row in table.locator("tbody tr").all():
        shown = row.locator("td").all_inner_texts()[which]
        if "£" in shown and (pence := walk.pence(shown)):
            found[row.locator("th").inner_text().strip()] = pence
    return found


def spent_by(site: Place, what: str) -> dict[str, int]:
    """Return what the ledger's rows add up to, in pence, without what comes to nothing."""
    return {name: pence for name, pence in site.rows(SPENT_BY.format(what=what)) if pence}


def rungs(site: Place, address: str) -> tuple[str, str]:
    """Return the rung of a referral, and the one it was handed over at."""
    (found,) = site.rows(
        "SELECT rung, handed_over_rung FROM referrals_referral WHERE reference = ?",
        walk.reference_of(address),
    )
    return found


def amira_is_stopped_at_applied(amira: Visitor) -> str:
    """She sends the form for the family, and reads why she is stopped and who goes on."""
    walk.ask_for_family_support(amira)
    amira.sees("Here you are stopped")
    amira.sees("Leicestershire County Council (demonstration) has not agreed")
    amira.sees("Intake worker")
    return amira.page.url
