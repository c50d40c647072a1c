"""Entries that nobody checked for a while, one at each stage, and what a reader found wrong."""

import uuid

from cms import catalogue, freshness
from cms.models import ReaderProblem
from marketplace.management.demonstration.stage import Stage
from marketplace.notices import entries, problems

# Nobody in the demonstration asks for the last of them.
UNCHECKED_MONTHS = {
    "mentor-gareth": 7,
    "parents-cuppa": 10,
    "library-makers": 13,
    "life-skills": 16,
}


def grow_old(stage: Stage) -> None:
    """Let some entries go unchecked, ask their keepers, and tell of a mistake on one."""
    for slug, months in UNCHECKED_MONTHS.items():
        checked = freshness.months_after(stage.on, -months)
        stage.services[slug] = catalogue.check(service=stage.services[slug], on=checked)
    entries.nightly(at=stage.now)
    problems.report(
        service=stage.services["parents-cuppa"],
        code=ReaderProblem.TIMES,
        words="We went on Tuesday and the door was shut. It is on Wednesday now.",
        key=uuid.uuid5(uuid.NAMESPACE_URL, "parents-cuppa"),
        at=stage.now,
    )
