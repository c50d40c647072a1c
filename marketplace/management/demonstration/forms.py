"""Forms on their way: one that Amira has not finished, and one that she put right after sending."""

from marketplace.management.demonstration.stage import Stage, moment
from marketplace.referrals import amendments, drafts
from marketplace.referrals.models import Referral

CHOSEN = ("anger-management", "adult-learning", "parents-cuppa")
HOPE = "To get out of the house, and to be calm when I come back."


def leave(stage: Stage) -> None:
    """Leave both where they are found: at Amira's desk, and in Ingrid's inbox."""
    _unfinished(stage)
    _put_right(stage)


def _unfinished(stage: Stage) -> None:
    """Anne and Amira began one form for three services yesterday, and were called away."""
    anne = stage.persons["anne"]
    by, at = stage.by("amira"), moment(stage.working_days_ago(1), 15, 10)
    draft = drafts.start(
        person=anne,
        family=anne.members.get().family,
        services=[stage.services[slug] for slug in CHOSEN],
        by=by,
        at=at,
    )
    drafts.save(
        draft=draft,
        why={"goal": "none", "comes": "as_well", "barrier": "none"},
        answers={"answer_what_to_change": HOPE},
        by=by,
        at=at,
    )


def _put_right(stage: Stage) -> None:
    """Jamie goes to school less than he said at first."""
    amendments.amend(
        referral=Referral.objects.open().get(
            person=stage.persons["jamie"], service=stage.services["school-attendance-support"]
        ),
        answers={"days_at_school": "One or two"},
        why="He has missed more days since half term.",
        by=stage.by("amira"),
        at=moment(stage.working_days_ago(1), 16, 20),
    )
