"""Monitoring: how often a rule was used, what is spent under it, and how well it decides."""

from datetime import date
from typing import Any

import pytest

from budgets.models import Event
from cms.models import Step
from marketplace.authority import monitoring
from marketplace.authority.models import DecisionReview, Rule
from marketplace.authority.monitoring import RuleUse
from marketplace.people.roles import Role
from marketplace.referrals.models import Rung
from tests import factories
from tests.cast import Cast
from tests.marketplace.authority.asking import rule_of
from tests.marketplace.authority.dealing import agree
from tests.marketplace.referrals import climbing

pytestmark = pytest.mark.django_db

MAY = date(2026, 5, 1)


def taken(cast: Cast, number: int, *, step: Step = Step.CHECK_ELIGIBILITY, **fields: Any) -> None:
    """Write the history of steps that Amira took in May under her rules, for Jamie."""
    rule = fields.pop("rule", None) or rule_of(cast, step)
    Event.objects.bulk_create(
        factories.line(
            cast,
            cast.jamie,
            verb=step,
            rule=rule.reference,
            at=cast.later(days=-10 - each % 5),
            actor_reference=str(cast.amira.reference),
            **fields,
        )
        for each in range(number)
    )


def draw(cast: Cast, **fields: Any) -> list[DecisionReview]:
    """Draw the county's sample for May."""
    return monitoring.sample(**{"owner": cast.county, "month": MAY, "on": cast.day, **fields})


def use_of(cast: Cast, rule: Rule) -> RuleUse:
    """Return how a rule was used this year."""
    found = monitoring.use_of_rules(owner=cast.county, year=2026)
    return next(use for use in found if use.rule.lineage == rule.lineage)


def judge(cast: Cast, sampled: DecisionReview, said: bool, **fields: Any) -> DecisionReview:
    """Judge as the county's intake worker."""
    return monitoring.judge(
        **{
            "sampled": sampled,
            "would_have_made": said,
            "words": "" if said else "Too young for it.",
            "by": cast.by(cast.ingrid),
            "at": cast.at,
            **fields,
        }
    )


def test_use_counts_each_step_once_and_what_is_spent(cast: Cast):
    climbing.climb(cast, to=Rung.COMMISSIONED)
    for step, spent in ((Step.CHECK_ELIGIBILITY, 0), (Step.COMMISSION, climbing.TOTAL)):
        use = use_of(cast, rule_of(cast, step))
        assert (use.times, use.spent_pence, use.last_used_at) == (1, spent, cast.at)
    unused = use_of(cast, Rule.objects.get(agreement=cast.scheme))
    assert (unused.times, unused.spent_pence, unused.last_used_at) == (0, 0, None)
    assert monitoring.use_of_rules(owner=cast.nhs, year=2026) == []
    assert use_of(cast, rule_of(cast)).times == 1
    assert all(use.times == 0 for use in monitoring.use_of_rules(owner=cast.county, year=2025))


def test_use_goes_on_through_the_versions_of_a_rule(cast: Cast):
    agree(cast)
    first = Rule.objects.get(agreement__pathway__isnull=False, step=Step.COMMISSION)
    taken(cast, 3, step=Step.COMMISSION, rule=first)
    agree(cast, at=cast.later(days=1))
    second = Rule.objects.filter(agreement__pathway__isnull=False, step=Step.COMMISSION).latest(
        "pk"
    )
    taken(cast, 2, step=Step.COMMISSION, rule=second)
    use = use_of(cast, first)
    assert (use.rule.pk, use.times) == (second.pk, 5)


def test_a_sample_is_drawn_by_its_seed_alone(cast: Cast):
    taken(cast, 40)
    first = {sampled.event for sampled in draw(cast)}
    assert len(first) == monitoring.EACH
    assert {sampled.event for sampled in draw(cast)} == first
    DecisionReview.objects.all().delete()
    assert {sampled.event for sampled in draw(cast)} == first
    DecisionReview.objects.all().delete()
    assert {sampled.event for sampled in draw(cast, seed="another")} != first


def test_a_sample_is_of_others_decisions_in_that_month(cast: Cast):
    taken(cast, 1)
    taken(cast, 1, step=Step.TAKE_APPLICATION)  # no decision
    own = Rule.objects.get(agreement=cast.scheme)
    taken(cast, 1, step=Step.COMMISSION, rule=own)  # the county's own staff
    families = Rule.objects.get(agreement=cast.families_agreement, step=Step.COMMISSION)
    taken(cast, 1, step=Step.COMMISSION, rule=families)
    drawn = draw(cast)
    assert [sampled.rule for sampled in drawn] == [rule_of(cast, Step.CHECK_ELIGIBILITY)]
    assert draw(cast, month=date(2026, 4, 1)) == []
    assert draw(cast, owner=cast.nhs) == []


def test_a_month_is_sampled_when_it_is_over(cast: Cast):
    with pytest.raises(monitoring.NotNow):
        draw(cast, month=date(2026, 6, 1))


def test_each_owner_gets_last_months_sample_in_the_night_once(cast: Cast):
    taken(cast, 7)
    assert monitoring.sample_last_month(at=cast.at) == monitoring.EACH
    assert monitoring.sample_last_month(at=cast.at) == 0
    assert set(DecisionReview.objects.values_list("month", flat=True)) == {MAY}


def test_the_owners_staff_who_took_no_part_judge_once(cast: Cast):
    taken(cast, 1)
    (sampled,) = draw(cast)
    elsewhere = factories.worker(cast, cast.county, Role.FINANCE)
    cast.workplaces[elsewhere.pk] = cast.county
    for user in (cast.amira, cast.ruth, cast.sam, cast.dev, cast.edie, elsewhere, cast.fred_user):
        with pytest.raises(monitoring.NotYours):
            judge(cast, sampled, True, by=cast.by(user))
    factories.event(
        cast, cast.jamie, subject=sampled.subject, actor_reference=str(cast.colin.reference)
    )
    with pytest.raises(monitoring.NotYours):
        judge(cast, sampled, True, by=cast.by(cast.colin))
    assert monitoring.waiting(owner=cast.county, by=cast.by(cast.colin)) == []
    assert monitoring.waiting(owner=cast.county, by=cast.by(cast.ingrid)) == [sampled]
    with pytest.raises(monitoring.NotSaid):
        judge(cast, sampled, False, words=" ")
    sampled.refresh_from_db()
    assert sampled.is_waiting
    judged = judge(cast, sampled, False)
    assert (judged.would_have_made, judged.words) == (False, "Too young for it.")
    with pytest.raises(monitoring.NotNow):
        judge(cast, sampled, True)


@pytest.mark.parametrize(("judged", "agreed", "percent"), [(4, None, None), (5, 4, 80), (6, 5, 83)])
def test_accuracy_is_shown_from_five_judged_on(
    judged: int, agreed: int | None, percent: int | None, cast: Cast
):
    taken(cast, 8)
    for number, sampled in enumerate(draw(cast, each=8)[:judged]):
        judge(cast, sampled, number > 0)
    (found,) = monitoring.accuracy(owner=cast.county)
    assert (found.agreed, found.judged, found.waiting) == (agreed, judged, 8 - judged)
    assert found.percent == percent
    assert monitoring.accuracy(owner=cast.nhs) == []


def test_monitoring_takes_as_many_queries_however_much_there_is(
    cast: Cast, django_assert_max_num_queries: Any
):
    taken(cast, 60)
    with django_assert_max_num_queries(4):
        monitoring.use_of_rules(owner=cast.county, year=2026)
    draw(cast)
    with django_assert_max_num_queries(2):
        monitoring.accuracy(owner=cast.county)
