"""Who can have what: what is done in one go, what commissioners changed, whom rules turned away."""

from datetime import timedelta

from django.utils import timezone

from budgets.models import Member
from cms import criteria as rows
from marketplace.management.demonstration.stage import SEED, Stage, moment, read
from marketplace.referrals import assessment, criteria, eligibility, facts, turned_away

PATH = "marketplace/data/criteria.json"
DAYS_BACK = 330


def set_all(stage: Stage) -> None:
    """Join steps in interactions, turn people away as the year went, and change two services."""
    said = read(PATH)
    for slug, steps in said["interactions"].items():
        rows.do_together(service=stage.services[slug], steps=steps)
    for slug in said["turned_away"]:
        _turn_away(stage, slug)
    for row in said["changes"]:
        service = stage.services[row["slug"]]
        criteria.change(
            service=service,
            criteria=facts.criteria(service),
            bands=[_band(**band) for band in row["bands"]],
            standard_quantity=service.standard_quantity,
            reason=row["reason"],
            was=1,
            by=stage.by(row["by"]),
            at=moment(stage.day(row["days_ago"]), 15),
        )


def _turn_away(stage: Stage, slug: str) -> None:
    """Let those at home who do not fit by age or district have looked at a service once."""
    service = stage.services[slug]
    rules = facts.criteria(service)
    dice = stage.dice(f"turned away from {slug}")
    homes = Member.objects.filter(left_on=None).select_related("person", "family").order_by("pk")
    for home in homes:
        at = stage.now - timedelta(days=dice.randrange(1, DAYS_BACK), hours=dice.randrange(4, 14))
        if dice.random() > 0.3 or home.family.created_at > at:
            continue
        day = timezone.localdate(at)
        known = facts.recorded(person=home.person, family=home.family, day=day)
        result = eligibility.evaluate(rules, known)
        if result.met is False:
            turned_away.told(
                person=home.person,
                family=home.family,
                service=service,
                result=result,
                by=SEED,
                at=at,
            )


def _band(*, units: int, **rule: object) -> assessment.Band:
    return assessment.Band(eligibility.Criterion(**rule), units)  # type: ignore[arg-type]
