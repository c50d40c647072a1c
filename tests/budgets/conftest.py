"""Fred's plan with money in it, as lightly as it can be: for tests of money only.

The whole cast takes a third of a second; a hundred tests of the ledger don't need it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from budgets import families, funds, history, plans
from budgets.models import Account, Envelope, Family, Fund, Person, Plan, Relation
from cms.models import Organisation, OrganisationKind, Service, ServiceKind
from tests.cast import NOW

FUND_PENCE = 1_000_000
ENVELOPE_PENCE = 10_000


def safe(family: Family, at: datetime) -> None:
    """Stand in for the rooms above: nobody here has to be kept safe."""


@dataclass
class Purse:
    """A county with a fund, a provider with a service, and Fred's plan with £100 of the fund."""

    by: history.Actor
    county: Organisation
    mentors: Organisation
    service: Service
    family: Family
    fred: Person
    stacey: Person
    plan: Plan
    fund: Fund
    envelope: Envelope

    @property
    def account(self) -> Account:
        """Return the envelope's account as it is now."""
        return Account.objects.get(envelope=self.envelope)

    @property
    def fund_account(self) -> Account:
        """Return the fund's account as it is now."""
        return Account.objects.get(fund=self.fund)


def build() -> Purse:
    """Build the purse through the verbs."""
    by = history.Actor(kind=history.ActorKind.PERSON, reference="colin")
    county = Organisation.objects.create(
        name="Leicestershire County Council", kind=OrganisationKind.COUNTY_COUNCIL
    )
    mentors = Organisation.objects.create(
        name="Walk With Me Mentors", kind=OrganisationKind.MENTORS_GROUP
    )
    service = Service.objects.create(
        name="A mentor for Fridays",
        slug="mentor-purse",
        kind=ServiceKind.MENTOR,
        owner=county,
        provider=mentors,
    )
    family = families.add_family(
        name="Fred’s household", district="Hinckley and Bosworth", by=by, at=NOW
    )
    day = NOW.date()
    people = {}
    for name, born_on in (("Fred", date(1981, 1, 9)), ("Stacey", date(2008, 11, 2))):
        people[name] = families.add_person(first_name=name, born_on=born_on, by=by, at=NOW)
        families.join(
            family=family,
            person=people[name],
            relation=Relation.PARENT,
            on=day - timedelta(days=400),
            by=by,
            at=NOW,
        )
    plan = plans.open(
        family=family,
        starts_on=day,
        ends_on=day + timedelta(days=1461),
        vision="A calmer home.",
        by=by,
        at=NOW,
    )
    plan = plans.activate(plan=plans.agree(plan=plan, by=by, at=NOW), by=by, at=NOW)
    fund = funds.open(organisation=county, name="Family plans", year=2026, by=by, at=NOW)
    funds.pay_in(fund=fund, amount_pence=FUND_PENCE, key="purse:fund", by=by, at=NOW)
    envelope = funds.allocate(
        fund=fund,
        plan=plan,
        year=2026,
        amount_pence=ENVELOPE_PENCE,
        key="purse:plan",
        by=by,
        at=NOW,
    )
    return Purse(
        by=by,
        county=county,
        mentors=mentors,
        service=service,
        family=family,
        fred=people["Fred"],
        stacey=people["Stacey"],
        plan=plan,
        fund=fund,
        envelope=envelope,
    )


@pytest.fixture
def purse(db: None) -> Purse:
    """Give a test Fred's plan with £100 in it."""
    return build()
