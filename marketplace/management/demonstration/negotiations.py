"""What is under way between organisations: offered, answered, stopped; and how others decide."""

from datetime import date, timedelta

from cms.models import Step
from marketplace.authority import monitoring, nightly, pathways
from marketplace.authority.models import CoverKind, DecisionReview, Pathway
from marketplace.authority.pathways import CoverTerms, Line
from marketplace.management.demonstration.agreements import answer, signatory
from marketplace.management.demonstration.stage import Stage, moment, next_working_day
from marketplace.people.roles import Role

COUNTY = "leicestershire-county-council"
TRUST = "leicestershire-community-nhs-trust"
BEACON = "beacon-advocacy"
SCHOOL = "brockfield-school"
FIRST = (Step.CHECK_ELIGIBILITY, Step.TAKE_APPLICATION)
BORNE = CoverTerms(kind=CoverKind.OWNER)
MONTHS = 12
EACH = 8
JUDGED_AFTER = timedelta(days=8)
DISAGREES = (
    "We would have asked for the school’s view first.",
    "We would have offered the group before the home visits.",
    "The income was out of date. We would have asked again.",
)


def negotiate(stage: Stage) -> None:
    """Leave one cell offered, one answered and one suspended."""
    _offered(stage)
    _answered(stage)
    _suspended(stage)


def judge(stage: Stage) -> None:
    """Do what the night does, and judge most of what was sampled in the last months."""
    county = stage.organisations[COUNTY]
    for month in _months(stage.on):
        over = (month + timedelta(days=32)).replace(day=1)
        monitoring.sample(owner=county, month=month, on=over, seed=month.isoformat(), each=EACH)
    for number, sampled in enumerate(monitoring.of(owner=county)):
        on = next_working_day(sampled.sampled_on + JUDGED_AFTER)
        if number % 8 != 7 and on < stage.on:  # a few are left to be judged
            _judge(stage, sampled, number, on)
    nightly.nightly(at=stage.now)


def _offered(stage: Stage) -> None:
    at = moment(stage.working_day(3), 11)
    (pathway,) = _offer(
        stage, "parenting-at-home", TRUST, Role.LEAD_PROFESSIONAL, (*FIRST, Step.ASSESS), ago=3
    )
    pathways.say(
        pathway=pathway,
        words="Our health visitors assess families at home every week. Can they do it for you?",
        by=signatory(stage, TRUST),
        at=at,
    )


def _answered(stage: Stage) -> None:
    steps = (*FIRST, Step.DECIDE_ELIGIBILITY, Step.COMMISSION)
    found = _offer(stage, "life-skills", BEACON, Role.ADVOCATE, steps, ago=12)
    service = found[0].service
    answer(
        stage,
        found,
        owner=COUNTY,
        cover=CoverTerms(
            kind=CoverKind.INSURED,
            insurer="Fenwick Mutual (invented)",
            policy_reference="FM-20418",
            amount_pence=500_000_000,
            expires_on=stage.on + timedelta(days=300),
        ),
        said={(service.pk, Role.ADVOCATE, step): {} for step in steps[:3]},
        words="Yes to the form and to who can have it. We would like to see a year of that first.",
        at=moment(stage.working_day(5), 15),
    )


def _suspended(stage: Stage) -> None:
    found = _offer(stage, "debt-advice", SCHOOL, Role.LEAD_PROFESSIONAL, FIRST, ago=200)
    service = found[0].service
    said: dict[tuple[int, str, str], dict[str, object]] = {
        (service.pk, Role.LEAD_PROFESSIONAL, step): {} for step in FIRST
    }
    found = answer(
        stage, found, owner=COUNTY, cover=BORNE, said=said, at=moment(stage.working_day(195))
    )
    for slug in (COUNTY, SCHOOL):
        pathways.sign(
            pathways=found,
            party=stage.organisations[slug],
            by=signatory(stage, slug),
            at=moment(stage.working_day(190)),
        )
    pathways.suspend(
        pathway=found[0],
        by=signatory(stage, COUNTY),
        words="Nobody at the school is trained for this until the new term. We go on then.",
        at=moment(stage.working_day(9)),
    )


def _offer(
    stage: Stage, service: str, holder: str, role: Role, steps: tuple[Step, ...], *, ago: int
) -> list[Pathway]:
    return pathways.offer(
        services=[stage.services[service]],
        holder=stage.organisations[holder],
        lines=[Line(role=role, step=step) for step in steps],
        by=signatory(stage, holder),
        at=moment(stage.working_day(ago)),
    )


def _months(on: date) -> list[date]:
    """Return the first days of the last months that are over, the oldest first."""
    found = [on.replace(day=1)]
    for _number in range(MONTHS):
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[:0:-1]


def _judge(stage: Stage, sampled: DecisionReview, number: int, on: date) -> None:
    """Judge as the first of the county's staff who took no part; where all did, nobody does."""
    dice = stage.dice(f"review/{number}")
    is_same = dice.random() < 0.85
    staff = [*stage.at(COUNTY, Role.INTAKE_WORKER), *stage.at(COUNTY, Role.COMMISSIONER)]
    for worker in staff:
        try:
            monitoring.judge(
                sampled=sampled,
                would_have_made=is_same,
                words="" if is_same else dice.choice(DISAGREES),
                by=worker.by,
                at=moment(on, 14),
            )
        except monitoring.NotYours:
            continue
        return
