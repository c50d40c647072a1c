"""One sitting, and how far somebody may take a service herself."""

from typing import Any

import pytest

from budgets.models import Event
from marketplace.authority import authority
from marketplace.referrals import (
    acts,
    reach,
    referrals,
    sittings,
)
from marketplace.referrals.models import (
    Referral,
    Rung,
)
from tests.cast import Cast
from tests.marketplace.referrals import climbing


def test_a_sitting_ends_by_itself_where_nothing_more_is_hers(cast: Cast) -> None:
    by = cast.by(cast.amira)
    given: dict[str, Any] = {
        "family": cast.family,
        "why": sittings.Why(plan=cast.plan),
        "facts": {},
        "answers": climbing.ANSWERS,
        "by": by,
        "at": cast.at,
    }
    mentor = sittings.ask(person=cast.jamie, service=cast.mentor, **given)
    support = sittings.ask(person=cast.fred, service=cast.family_support, **given)
    told = sittings.ask(person=cast.jamie, service=cast.confidential, **given)
    assert (mentor.rung, mentor.handed_over_rung) == (Rung.APPLIED, "")
    assert (support.rung, support.handed_over_rung) == (Rung.APPLIED, Rung.APPLIED)
    assert (told.rung, told.handed_over_rung) == (Rung.SIGNPOSTED, Rung.SIGNPOSTED)


def test_one_form_is_sent_to_all_or_to_none(cast: Cast) -> None:
    with pytest.raises(referrals.NotEligible):
        sittings.ask_many(
            person=cast.josh,
            family=cast.family,
            services=[cast.family_support, cast.mentor],
            why=sittings.Why(),
            facts={},
            answers=climbing.ANSWERS,
            by=cast.by(cast.amira),
            at=cast.at,
        )
    assert Referral.objects.count() == 0
    assert Event.objects.filter(subject_kind="referral").count() == 0


@pytest.mark.parametrize("who", ["amira", "nadia", "ingrid", "colin", "dev"])
def test_the_reach_in_a_list_is_what_the_rules_allow_step_by_step(cast: Cast, who: str) -> None:
    by = cast.by(cast.users[who])
    services = [cast.mentor, cast.family_support, cast.confidential]
    told = reach.of(
        services=services, by=by, at=cast.at, amounts_pence={cast.mentor.pk: climbing.TOTAL}
    )
    for service in services:
        allowed = [
            authority.decide(
                by=by,
                step=step,
                service=service,
                family=cast.family,
                amount_pence=climbing.TOTAL if service == cast.mentor else 0,
                at=cast.at,
            ).allowed
            for step in acts.needed(service)
        ]
        first_no = allowed.index(False) if False in allowed else None
        stopped = None if first_no is None else acts.needed(service)[first_no]
        assert told[service.pk].stopped_at == stopped, service


def test_the_reach_of_many_services_takes_as_many_queries_as_of_one(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    services = [cast.mentor, cast.family_support, cast.confidential, cast.youth_club]
    for number in (1, 4):
        few = type(cast.mentor).objects.filter(pk__in=[one.pk for one in services[:number]])
        rows = list(few.select_related("owner").prefetch_related("processes", "terms"))
        with django_assert_num_queries(3):
            reach.of(services=rows, by=cast.by(cast.amira), at=cast.at)
