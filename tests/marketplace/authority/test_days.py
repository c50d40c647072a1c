"""What could they do on 3 March? Past days answer as they were, whatever happened since."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cms.models import Service, Step
from marketplace.authority import agreements, pathways, rules
from marketplace.authority.models import Agreement, AgreementState, CoverKind, Rule, Suspension
from marketplace.people.roles import Role
from tests.cast import Cast
from tests.factories import CLOCK
from tests.marketplace.authority.asking import add_rule, codes, decide
from tests.marketplace.authority.dealing import agree

pytestmark = pytest.mark.django_db


def held(cast: Cast, *days: int) -> list[bool]:
    """Tell on which days, from now, Beacon could commission the mentor."""
    return [
        any(
            rule.step == Step.COMMISSION
            for rule in pathways.on_day(
                service=cast.mentor, holder=cast.beacon, day=cast.later(days=day).date()
            )
        )
        for day in days
    ]


def test_a_suspension_takes_nothing_from_the_days_before(cast: Cast):
    agreements.suspend(agreement=cast.agreement, by=CLOCK, at=cast.at)
    assert held(cast, -90, -1, 0, 1) == [True, True, False, False]
    agreements.resume(agreement=cast.agreement, by=CLOCK, at=cast.later(days=10))
    assert held(cast, -1, 0, 9, 10) == [True, False, False, True]
    agreements.suspend(agreement=cast.agreement, by=CLOCK, at=cast.later(days=20))
    assert held(cast, -1, 0, 19, 20) == [True, False, True, False]
    assert codes(decide(cast, cast.amira, at=cast.later(days=20))) == ["no_rule"]


def test_an_end_takes_nothing_from_the_days_before(cast: Cast):
    agreements.end(agreement=cast.agreement, by=CLOCK, at=cast.at)
    assert held(cast, -90, -1, 0, 1) == [True, True, False, False]
    assert decide(cast, cast.amira, at=cast.later(days=-1)).allowed


def test_a_day_of_suspension_that_was_lifted_the_same_day_never_was(cast: Cast):
    agreements.suspend(agreement=cast.agreement, by=CLOCK, at=cast.at)
    agreements.resume(agreement=cast.agreement, by=CLOCK, at=cast.later(hours=2))
    assert held(cast, -1, 0, 1) == [True, True, True]


def test_nothing_holds_for_the_days_before_both_had_signed(cast: Cast):
    agreement = agreements.propose(
        owner=cast.county,
        holder=cast.trust,
        valid_from=cast.day - timedelta(days=30),
        valid_to=None,
        by=CLOCK,
        at=cast.later(days=-30),
    )
    agreements.add_rules(
        agreement=agreement,
        role=Role.LEAD_PROFESSIONAL,
        steps=[Step.ASSESS],
        service=cast.mentor,
        valid_from=cast.day - timedelta(days=30),
        cover=agreements.add_cover(
            agreement=agreement, kind=CoverKind.OWNER, valid_from=cast.day - timedelta(days=30)
        ),
    )
    for party in (cast.county, cast.trust):
        agreements.sign(agreement=agreement, party=party, by=CLOCK, at=cast.at)
    on = [
        bool(rules.on_day(service=cast.mentor, holder=cast.trust, day=cast.later(days=day).date()))
        for day in (-30, -1, 0)
    ]
    assert on == [False, False, True]


def test_what_ran_out_before_it_was_signed_is_not_signed(cast: Cast):
    agreement = agreements.propose(
        owner=cast.county, holder=cast.trust, valid_from=cast.day - timedelta(days=9),
        valid_to=cast.day, by=CLOCK, at=cast.at,
    )  # fmt: skip
    with pytest.raises(agreements.NotNow):
        agreements.sign(agreement=agreement, party=cast.county, by=CLOCK, at=cast.at)


def test_the_state_alone_stops_nothing_and_starts_nothing(cast: Cast):
    """Only days count, so that a past day never changes its answer."""
    Agreement.objects.filter(pk=cast.agreement.pk).update(state=AgreementState.SUSPENDED)
    assert held(cast, 0) == [True]
    Suspension.objects.create(
        agreement=cast.agreement, starts_on=cast.day, ends_on=cast.day + timedelta(days=1),
        suspended_by="test",
    )  # fmt: skip
    assert held(cast, -1, 0, 1) == [True, False, True]


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(acts=st.lists(st.tuples(st.sampled_from(["suspend", "resume", "end"]), st.integers(0, 6))))
def test_whatever_is_done_later_a_past_day_answers_the_same(
    acts: list[tuple[str, int]], cast: Cast
):
    agreement = _fresh(cast)
    known: dict[date, bool] = {}
    today = 0
    for act, days in acts:
        today += days
        try:
            getattr(agreements, act)(agreement=agreement, by=CLOCK, at=cast.later(days=today))
        except agreements.NotNow:
            continue
        for day in range(today):
            on = cast.later(days=day).date()
            now = Agreement.objects.in_force(on).filter(pk=agreement.pk).exists()
            assert known.setdefault(on, now) == now


def _fresh(cast: Cast) -> Agreement:
    agreement = agreements.propose(
        owner=cast.county, holder=cast.trust, valid_from=cast.day, valid_to=None,
        by=CLOCK, at=cast.at,
    )  # fmt: skip
    for party in (cast.county, cast.trust):
        agreement = agreements.sign(agreement=agreement, party=party, by=CLOCK, at=cast.at)
    return agreement


# One place says which rule covers a service: asked of the database, and of what was fetched.


def test_lists_and_decisions_agree_on_which_rule_covers_which_service(cast: Cast):
    for fields in ({"service": cast.mentor}, {"term": cast.need}, {"term": cast.barrier}, {}):
        wanted: dict[str, Any] = {"step": Step.ASSESS, **fields}
        add_rule(cast, **wanted)
    agree(cast)
    found = list(Rule.objects.in_force(cast.day).select_related("agreement"))
    for service in Service.objects.prefetch_related("terms"):
        asked = set(rules.about(service=service, day=cast.day))
        assert asked == {rule for rule in found if rules.covers(rule=rule, service=service)}
    assert any(
        rule.term_id == cast.need.pk for rule in rules.about(service=cast.mentor, day=cast.day)
    )
