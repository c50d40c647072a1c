"""What Fred lets others know about Jamie, and what is known of Jamie, checked by the nurse."""

from datetime import timedelta

from marketplace.management.demonstration.stage import Stage, moment
from marketplace.pages.family import sharing_words, words
from marketplace.people.roles import Role
from marketplace.sharing import consents, facts
from marketplace.sharing.models import (
    ConsentHow,
    Fact,
    Information,
    Purpose,
    Source,
    Verification,
)

# recipient, what she may see, days until it ends by itself
SHARED = (
    ("ruth", (Information.HOUSEHOLD, Information.PLAN, Information.FACTS), 365),
    ("lena", (Information.PLAN, Information.SUPPORT), 92),
)
# key, value, where it came from; the last was read in the school's letter, and checked
KNOWN = (
    ("attends_school", True, Source.SAID),
    ("school_attendance_percent", 63, Source.DOCUMENT),
)


def share(stage: Stage) -> None:
    """Let Fred say yes, Amira write down what she was told, and Ruth check the letter."""
    jamie, fred = stage.persons["jamie"], stage.persons["fred"]
    at = moment(stage.working_day(40), 11)
    for key, opens, days in SHARED:
        worker = stage.workers[key]
        ends_at = at + timedelta(days=days)
        place = stage.organisations[worker.organisation]
        consents.give(
            person=jamie,
            given_by=fred,
            how=ConsentHow.SIGNED_IN,
            recipients=[consents.Recipient(place, Role(worker.role))],
            opens=opens,
            purpose=Purpose.PLAN,
            ends_at=ends_at,
            words=sharing_words.agreement(
                place=place,
                role=str(words.ROLES[Role(worker.role)]),
                purpose=str(sharing_words.PURPOSES[Purpose.PLAN]),
                kinds=sharing_words.kinds(opens),
                until=sharing_words.day(ends_at),
            ),
            by=stage.by("fred"),
            at=at,
        )
    for key, value, came_from in KNOWN:
        facts.enter(
            person=jamie,
            key=key,
            value=value,
            came_from=came_from,
            by=stage.by("amira"),
            at=at + timedelta(hours=1),
        )
    letter = Fact.objects.standing().get(person=jamie, key="school_attendance_percent")
    facts.verify(
        fact=letter,
        how=Verification.SEEN_DOCUMENT,
        by=stage.by("ruth"),
        at=at + timedelta(days=1),
    )
