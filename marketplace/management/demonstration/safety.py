"""What keeps Fred's household safe: concerns talked over, a record opened in an emergency."""

from datetime import datetime, timedelta

from budgets import history
from budgets.models import Family
from marketplace.management.demonstration.stage import Stage, moment
from marketplace.sharing import emergencies, safeguards
from marketplace.sharing.models import Emergency, Finding, Safeguard

TALKED_OVER = {
    "stacey": "We wrote down together whom she rings, and that the midwife knows.",
    "jamie": "He chose whom he rings, and that his school does not know.",
    "fred": "He and his doctor wrote the plan, and he has the numbers by the phone.",
}
"""With whom a concern was talked over, and what was agreed."""

AT_NIGHT = (
    "Jamie rang 999 at night from the park and hung up. We had a name and no more, and had to know "
    "who is at home and who leads."
)
AT_THE_DESK = (
    "A woman rang our desk in tears, gave her name and date of birth, and said she could not go "
    "home tonight. I had to know who works with her."
)


def keep(stage: Stage) -> None:
    """Note what was talked over, and let two records have been opened in an emergency."""
    for name, words in TALKED_OVER.items():
        for concern in Safeguard.objects.open().filter(person=stage.persons[name]):
            at = max(concern.opened_at + timedelta(hours=1), moment(stage.day(20), 11))
            safeguards.agree(safeguard=concern, words=words, by=_owner(stage, concern), at=at)
    at = moment(stage.working_days_ago(11), 23, 40)
    night = _open(stage, "sam", "jamie", AT_NIGHT, hours=4, at=at)
    emergencies.review(
        emergency=night,
        finding=Finding.PROPER,
        words="The sergeant asked him to. He read it for ten minutes, rang Ruth, and closed it.",
        by=stage.by("adam"),
        at=moment(stage.working_days_ago(10), 11),
    )
    _open(
        stage, "ingrid", "anne", AT_THE_DESK, hours=1, at=moment(stage.working_days_ago(1), 16, 50)
    )


def _open(
    stage: Stage, worker: str, person: str, why: str, *, hours: int, at: datetime
) -> Emergency:
    by, somebody = stage.by(worker), stage.persons[person]
    assert somebody.born_on is not None
    home = Family.objects.get(is_synthetic=False)
    details = emergencies.Details(
        name=somebody.name, born_on=somebody.born_on, postcode=home.postcode
    )
    found = emergencies.find(details=details, by=by, at=at)
    assert found is not None
    emergency = emergencies.open(found=found, why=why, lasts=timedelta(hours=hours), by=by, at=at)
    emergencies.read(
        reference=emergency.reference, user=stage.users[worker], at=at + timedelta(minutes=2)
    )
    return emergency


def _owner(stage: Stage, concern: Safeguard) -> history.Actor:
    owner = next(key for key, user in stage.users.items() if user.pk == concern.owner_id)
    return stage.by(owner)
