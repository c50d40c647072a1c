"""Who opened what about Fred's household in the last weeks, so that its list of looks is real."""

from typing import Any

from budgets.models import Family
from marketplace.management.demonstration.stage import Stage, moment
from marketplace.referrals.models import Approval, Referral
from marketplace.sharing import sharing

FAMILY = (
    ("ruth", 38, 9),
    ("amira", 30, 10),
    ("ruth", 21, 13),
    ("amira", 17, 14),
    ("amira", 12, 10),
    ("ruth", 9, 16),
    ("amira", 7, 13),
    ("ruth", 4, 9),
    ("amira", 3, 10),
    ("amira", 2, 13),
    ("ruth", 1, 15),
)
"""Who opened the household's record, how many working days ago, and at which hour."""

REQUESTS = (
    ("nia", "anger-management", 21, 11),
    ("chipo", "midwife-support", 12, 10),
    ("oliver", "midwife-support", 3, 9),
    ("nia", "adult-counselling", 9, 15),
    ("elaine", "holiday-activities", 10, 9),
    ("owen", "debt-advice", 5, 9),
    ("sunny", "mentor-priya", 8, 11),
    ("ingrid", "school-attendance-support", 1, 10),
)
"""Who opened one of its requests."""


def look(stage: Stage) -> None:
    """Open the household's records as those who work with it did."""
    family = Family.objects.get(is_synthetic=False)
    for key, days, hour in FAMILY:
        _open(stage, family, key=key, days=days, hour=hour, kind="family")
    for key, slug, days, hour in REQUESTS:
        referral = Referral.objects.get(family=family, service__slug=slug)
        _open(stage, referral, key=key, days=days, hour=hour, kind="referral")
    approval = Approval.objects.get(referral__family=family)
    _open(stage, approval, key="colin", days=1, hour=14, kind="approval")


def _open(stage: Stage, row: Any, *, key: str, days: int, hour: int, kind: str) -> None:
    sharing.open_record(
        type(row).objects.all(),
        reference=row.reference,
        user=stage.users[key],
        at=moment(stage.working_days_ago(days), hour),
        kind=kind,
    )
