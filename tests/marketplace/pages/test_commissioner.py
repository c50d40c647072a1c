"""The commissioner's door: every figure equals the ledger, and a yes is her own."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets import ledger
from budgets.models import Fund, Transfer
from marketplace.bookings import bookings, sessions
from marketplace.bookings.models import Session, SessionState
from marketplace.insight import kept, spend
from marketplace.people.models import User
from marketplace.referrals import approvals, referrals
from marketplace.referrals.models import Approval, EndReason, Referral, Rung
from pricing import money
from pricing.models import Price
from tests.cast import MENTOR_PENCE, Cast
from tests.marketplace.referrals import climbing


def browser(user: User) -> Client:
    """Return a browser with somebody signed in."""
    client = Client()
    client.force_login(user)
    return client


def words(answer: Any) -> str:
    """Return an answer's text without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def send(client: Client, address: str, *args: object, **fields: str) -> Any:
    """Send a form with a key of its own."""
    return client.post(reverse(address, args=args), {"form_key": str(uuid.uuid4()), **fields})


@pytest.fixture
def delivered(cast_today: Cast) -> Session:
    """One mentor session that was delivered, of six that are set aside."""
    climbing.climb(cast_today, to=Rung.BOOKED)
    session = Session.objects.earliest("starts_at")
    after = session.starts_at + timedelta(hours=2)
    return sessions.record(
        session=session, state=SessionState.DELIVERED, by=cast_today.by(cast_today.dev), at=after
    )


def test_spend_equals_the_ledger_to_the_penny(cast_today: Cast, delivered: Session) -> None:
    page = words(browser(cast_today.colin).get(reverse("commissioner_spend")))
    spent = sum(Transfer.objects.paid().values_list("amount_pence", flat=True))
    balance = ledger.plan_balance(plan=cast_today.plan)
    assert spent == balance.spent_pence == MENTOR_PENCE
    assert f"Spent {money.show(spent)}" in page
    assert f"Set aside, not yet spent {money.show(balance.set_aside_pence)}" in page
    assert cast_today.mentor.name in page
    assert cast_today.mentors.name in page


def test_spend_is_narrowed_by_provider_and_service(cast_today: Cast, delivered: Session) -> None:
    client = browser(cast_today.colin)
    other = {"service": cast_today.family_support.slug}
    assert "Spent £0.00" in words(client.get(reverse("commissioner_spend"), other))
    mine = {"service": cast_today.mentor.slug, "provider": str(cast_today.mentors.reference)}
    assert "Spent £25.00" in words(client.get(reverse("commissioner_spend"), mine))


def test_every_figure_opens_the_rows_that_make_it(cast_today: Cast, delivered: Session) -> None:
    page = browser(cast_today.colin).get(reverse("commissioner_movements"))
    shown = words(page)
    rows = spend.movements(organisation=cast_today.county)
    assert rows.count() == 7  # six holds, one of them posted
    assert shown.count("£25.00") == 7
    assert cast_today.jamie.first_name not in shown


def test_the_download_is_the_same_figures(cast_today: Cast, delivered: Session) -> None:
    answer = browser(cast_today.colin).get(reverse("commissioner_spend_csv"))
    assert answer["Content-Type"].startswith("text/csv")
    assert answer.content.decode().splitlines()[-1].endswith(",25.00,25.00")


def test_spend_has_a_constant_number_of_queries(cast_today: Cast, delivered: Session) -> None:
    client = browser(cast_today.colin)
    client.get(reverse("commissioner_spend"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(reverse("commissioner_spend"))
    bookings.complete(
        referral=delivered.booking.referral,
        reason=EndReason.GOAL_MET,
        words="It helped.",
        by=cast_today.by(cast_today.dev),
        at=cast_today.at,
    )
    climbing.climb(cast_today, to=Rung.COMMISSIONED, referral=climbing.refer(cast_today))
    with CaptureQueriesContext(connection) as more:
        client.get(reverse("commissioner_spend"))
    assert len(more) == len(few)


def waiting(cast: Cast) -> Approval:
    """Return a commission that is over Amira's limit, waiting at the county."""
    referral = climbing.climb(cast, to=Rung.HARD_REFERRED)
    climbing.say_yes(cast, referral)
    rule = cast.agreement.rules.get(step="commission", service=cast.mentor)
    rule.limit_commission_pence = 100
    rule.save(update_fields=["limit_commission_pence"])
    return approvals.ask(referral=referral, by=cast.by(cast.amira), at=cast.at)


def test_a_commissioner_approves_and_the_money_is_set_aside(cast_today: Cast) -> None:
    approval = waiting(cast_today)
    colin = browser(cast_today.colin)
    assert cast_today.mentor.name in words(colin.get(reverse("commissioner_approvals")))
    page = words(colin.get(reverse("commissioner_approval", args=[approval.reference])))
    assert "£6,000.00" in page  # left now
    assert "£5,850.00" in page  # left after a yes
    answer = send(colin, "commissioner_approve", approval.reference)
    assert answer.status_code == 302
    referral = Referral.objects.get(pk=approval.referral_id)
    assert referral.rung == Rung.COMMISSIONED
    assert ledger.plan_balance(plan=cast_today.plan).set_aside_pence == 6 * MENTOR_PENCE


def test_a_double_click_approves_once(cast_today: Cast) -> None:
    approval = waiting(cast_today)
    colin = browser(cast_today.colin)
    key = str(uuid.uuid4())
    address = reverse("commissioner_approve", args=[approval.reference])
    for _click in range(2):
        colin.post(address, {"form_key": key})
    assert Transfer.objects.holds().count() == 6


def test_saying_no_needs_a_sentence_and_keeps_what_was_typed(cast_today: Cast) -> None:
    approval = waiting(cast_today)
    colin = browser(cast_today.colin)
    answer = send(colin, "commissioner_refuse", approval.reference, words="")
    assert answer.status_code == 422
    assert Approval.objects.get(pk=approval.pk).is_waiting
    answer = send(colin, "commissioner_refuse", approval.reference, words="Try the group first.")
    assert answer.status_code == 302
    assert Approval.objects.get(pk=approval.pk).words == "Try the group first."
    assert not Transfer.objects.holds().exists()


def test_another_organisations_commissioner_cannot_find_the_approval(cast_today: Cast) -> None:
    approval = waiting(cast_today)
    address = reverse("commissioner_approval", args=[approval.reference])
    assert browser(cast_today.ingrid).get(address).status_code == 403
    assert browser(cast_today.femi).get(address).status_code == 403


def test_a_fund_is_opened_and_paid_into_once(cast_today: Cast) -> None:
    femi = browser(cast_today.femi)
    answer = send(femi, "commissioner_fund_new", name="Early help", year="2026")
    fund = Fund.objects.get(name="Early help")
    assert answer["Location"] == reverse("commissioner_fund_pay_in", args=[fund.reference])
    key = str(uuid.uuid4())
    for _click in range(2):
        femi.post(answer["Location"], {"form_key": key, "amount": "1,250.50"})
    assert fund.account.posted_pence == 125_050
    assert "£1,250.50" in words(femi.get(reverse("commissioner_funds")))


def test_a_wrong_amount_says_what_to_do_and_is_kept(cast_today: Cast) -> None:
    femi = browser(cast_today.femi)
    answer = send(femi, "commissioner_fund_pay_in", cast_today.county_fund.reference, amount="lots")
    assert answer.status_code == 422
    assert "Write an amount like 25 or 25.50." in words(answer)
    assert 'value="lots"' in answer.content.decode()


def test_a_new_price_supersedes_the_placeholder(cast_today: Cast) -> None:
    colin = browser(cast_today.colin)
    assert "placeholder" in words(colin.get(reverse("commissioner_prices")))
    answer = send(
        colin,
        "commissioner_price_set",
        cast_today.mentor.slug,
        amount="27.50",
        unit="session",
        cost="31",
        funding="spot_purchase",
        confidence="costed",
        price_year="2026/27",
        source="Our own costing",
        valid_from=(cast_today.day + timedelta(days=1)).isoformat(),
    )
    assert answer.status_code == 302, words(answer)
    prices = Price.objects.filter(service=cast_today.mentor).order_by("valid_from")
    assert [price.amount_pence for price in prices] == [2500, 2750]
    assert prices[0].valid_to == prices[1].valid_from


def test_the_matrix_shows_who_may_do_what_on_any_day(cast_today: Cast) -> None:
    colin = browser(cast_today.colin)
    page = words(colin.get(reverse("commissioner_agreements")))
    assert "up to £500.00" in page
    assert cast_today.beacon.name in page
    before = {"on": "2001-01-01"}
    assert "Nothing is agreed" in words(colin.get(reverse("commissioner_agreements"), before))


def test_promises_are_counted_and_nobody_is_named(cast_today: Cast) -> None:
    referral = climbing.climb(cast_today, to=Rung.APPLIED)
    referrals.hand_over(referral=referral, by=cast_today.by(cast_today.amira), at=cast_today.at)
    (record,) = kept.records(owner=cast_today.county, day=cast_today.day)
    assert (record.made, record.waiting, record.late_now) == (1, 1, 0)
    later = cast_today.day + timedelta(days=60)
    (record,) = kept.records(owner=cast_today.county, day=later)
    assert (record.late_now, record.percent_in_time) == (1, 0)
    page = words(browser(cast_today.colin).get(reverse("commissioner_promises")))
    assert cast_today.jamie.first_name not in page
