"""Who asked at the door: for herself, sent by a GP, by a school."""

from datetime import datetime, timedelta

from budgets import history
from cms.models import Organisation, OrganisationKind
from marketplace.management.demonstration.stage import BEGINNING, SEED, Stage, moment
from marketplace.people import memberships, users
from marketplace.people.roles import Role
from marketplace.referrals import catchments, enquiries, routes
from marketplace.referrals.models import (
    Enquiry,
    EnquiryEnd,
    Route,
    Worry,
)

COUNTY = "leicestershire-county-council"
DISTRICTS = {
    "Hinckley and Bosworth": "hinckley-and-bosworth-council",
    "Charnwood": "charnwood-council",
    "": COUNTY,
}
PRACTICE = "Castle Street Surgery (demonstration)"


def open_doors(stage: Stage) -> None:
    """Say who answers for which district, and let some people ask."""
    start = moment(stage.day(BEGINNING))
    for district, slug in DISTRICTS.items():
        catchments.answer_for(
            district=district, organisation=stage.organisations[slug], by=SEED, at=start
        )
    _practice(stage)
    _herself(stage)
    _answered(stage)
    _by_the_school(stage)


def _practice(stage: Stage) -> None:
    """A GP's practice sends somebody in whose heart is well and whose rent is not paid."""
    place = Organisation.objects.create(
        name=PRACTICE, kind=OrganisationKind.GP_PRACTICE, phone="0116 496 0170"
    )
    start = stage.day(BEGINNING)
    doctor = users.add(
        email="priti@alongside.example", name="Dr Priti Anand", by=SEED, at=moment(start)
    )
    memberships.join(
        user=doctor,
        organisation=place,
        role=Role.LEAD_PROFESSIONAL,
        on=start,
        by=SEED,
        at=moment(start),
    )
    by = history.Actor(
        kind=history.ActorKind.PERSON,
        reference=str(doctor.reference),
        organisation=place.reference,
    )
    enquiries.ask(
        route=Route.GP,
        asked=enquiries.Asked(
            first_name="Moses",
            last_name="Carter",
            phone="0116 496 0171",
            contact_words="After four, please.",
            postcode="LE10 1NR",
            words="Headaches that nothing explains; three months behind with the rent.",
            worries={"rent-arrears": Worry.BIG, "low-mood": Worry.SOME, "drinking": Worry.SOME},
            is_for_self=False,
            consent_how="here",
        ),
        user=doctor,
        from_organisation=place,
        by=by,
        at=moment(stage.working_days_ago(1), 12),
    )


def _herself(stage: Stage) -> None:
    """Somebody asked for herself a week ago, and nobody has taken it up: it is late."""
    _ask(
        enquiries.Asked(
            first_name="Rosa",
            phone="0116 496 0172",
            contact_words="Text first. Not in the evening.",
            postcode="LE10 1NR",
            words="The baby does not sleep and nor do I.",
            worries={"parenting": Worry.SOME, "money-and-debt": Worry.SOME},
            is_confidential=True,
            consent_how="here",
        ),
        at=moment(stage.working_days_ago(7), 21),
    )


def _answered(stage: Stage) -> None:
    """Somebody asked in spring; the county's intake rang her, and that was enough."""
    at = moment(stage.working_days_ago(40), 9)
    enquiry = _ask(
        enquiries.Asked(
            first_name="Bernice",
            last_name="Quaye",
            phone="0116 496 0173",
            words="Bills I cannot pay.",
            worries={"money-and-debt": Worry.BIG},
            consent_how="here",
        ),
        at=at,
    )
    by, at = stage.by("ingrid"), at + timedelta(hours=3)
    enquiry = enquiries.take(enquiry=enquiry, by=by, at=at)
    enquiries.close(
        enquiry=enquiry,
        end=EnquiryEnd.ADVISED,
        words="We found the grant for her together on the phone.",
        by=by,
        at=at + timedelta(minutes=40),
    )


def _by_the_school(stage: Stage) -> None:
    """The school sent in a boy this week; the district's intake is at it."""
    sara = stage.workers["sara"]
    place = stage.organisations[sara.organisation]
    at = moment(stage.working_days_ago(3), 15)
    enquiry = enquiries.ask(
        route=routes.of_place(place),
        asked=enquiries.Asked(
            first_name="Ellis",
            last_name="Grant",
            phone="0116 496 0174",
            postcode="LE10 1NR",
            words="In school two days of five since half-term. Mum would like somebody to talk to.",
            worries={"missing-school": Worry.BIG, "family-arguments": Worry.SOME},
            is_for_self=False,
            consent_how="decides_for",
        ),
        user=sara.user,
        from_organisation=place,
        by=sara.by,
        at=at,
    )
    enquiries.take(enquiry=enquiry, by=stage.by("joan"), at=at + timedelta(hours=18))


def _ask(asked: enquiries.Asked, *, at: datetime) -> Enquiry:
    return enquiries.ask(route=Route.SELF, asked=asked, by=enquiries.SITE, at=at)
