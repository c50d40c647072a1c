"""The cast: the household of the report, and everybody around it.

A test that needs people takes the fixture `cast` (everything as it is on `NOW`, Wednesday 3 June
2026, ten in the morning) or `cast_today` (the same, as of the wall clock, for pages that ask what
time it is). The catalogue, the agreements, the plan and its money stand; nothing has been asked
for yet, so that a test makes its own referrals and bookings through the verbs.

Persons are `cast.fred`; their sign-ins are `cast.fred_user`. Workers have only a sign-in.
`cast.by(cast.amira)` is the actor that somebody is in the role she has here.

- Fred (45) and Anne (38) run the household; Josh (6) and Jamie (13) are decided for by Fred;
  Stacey (17) is the daughter of an earlier partner of Fred's and decides for herself.
- Amira is the advocate of Fred, Anne, Jamie and Josh; Stacey has not appointed her.
- Nadia is an advocate elsewhere, of the neighbour Olive: of Fred's household she sees nothing.
- Olive and her household are the second family, which catches a filter that is too wide.
- Sam, the police officer, sees only what the police were asked for.
- Ruth, a nurse, leads for nobody until a test names her with `appointments.lead`.
- The county owns the mentor, the family support and the youth club. Under its agreement with
  Beacon, Amira may take the mentor up to commissioned (£500 a time, £1,000 a family and year,
  £2,000 a year in all) and the family support up to applied. Families may commission the mentor
  up to £200. At the county, Colin may commission up to £1,000 and Helena, who is senior, £10,000.
- The NHS owns the confidential talking help, on which nobody else may do anything.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from budgets import history
from budgets.models import Family, Fund, Goal, Person, Plan, Relation
from cms.models import Organisation, OrganisationKind, Service, Step, Term
from marketplace.authority.models import Agreement, Cover
from marketplace.people.models import User
from marketplace.people.roles import Role

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
"""Wednesday 3 June 2026, 10:00 in Leicester."""

PLAN_PENCE = 600_000
"""£6,000.00 in the family's plan: £3,000 of the county's, £2,000 of the NHS's, £1,000 of the
district's."""

MENTOR_PENCE = 2_500
"""£25.00 a session of the mentor: a placeholder, and marked as one."""


@dataclass
class Cast:
    """Everybody and everything, as it stands at the moment `at`."""

    at: datetime

    # organisations
    county: Organisation
    district: Organisation
    nhs: Organisation
    trust: Organisation
    police: Organisation
    beacon: Organisation
    stepping_stones: Organisation
    lantern: Organisation
    mentors: Organisation

    # the household, and the neighbours
    family: Family
    fred: Person
    anne: Person
    stacey: Person
    jamie: Person
    josh: Person
    neighbours: Family
    olive: Person

    # sign-ins
    fred_user: User
    anne_user: User
    stacey_user: User
    jamie_user: User
    olive_user: User
    amira: User
    nadia: User
    ruth: User
    dev: User
    lena: User
    ingrid: User
    colin: User
    helena: User
    femi: User
    edie: User
    adam: User
    sam: User

    # the catalogue
    need: Term
    barrier: Term
    mentor: Service
    family_support: Service
    youth_club: Service
    confidential: Service

    # who may do what: county → Beacon, county → families, the county's own scheme
    agreement: Agreement
    cover: Cover
    families_agreement: Agreement
    scheme: Agreement
    senior_scheme: Agreement

    # the plan, its goals and its money
    plan: Plan
    goal: Goal
    jamie_goal: Goal
    jamie_secret_goal: Goal
    stacey_secret_goal: Goal
    neighbours_plan: Plan
    county_fund: Fund
    nhs_fund: Fund
    district_fund: Fund

    workplaces: dict[int, Organisation]

    @property
    def day(self) -> date:
        """Return the day everything is as of, in Leicester."""
        return timezone.localdate(self.at)

    @property
    def users(self) -> dict[str, User]:
        """Return every sign-in by the name of its attribute."""
        return {name: found for name, found in vars(self).items() if isinstance(found, User)}

    @property
    def persons(self) -> dict[str, Person]:
        """Return every person by the name of its attribute."""
        return {name: found for name, found in vars(self).items() if isinstance(found, Person)}

    def later(self, **by: float) -> datetime:
        """Return the moment some time after `at`: `cast.later(days=3)`."""
        return self.at + timedelta(**by)

    def by(self, user: User) -> history.Actor:
        """Return the actor that a user is in her role here; a family member acts for herself."""
        workplace = self.workplaces.get(user.pk)
        return history.Actor(
            kind=history.ActorKind.PERSON,
            reference=str(user.reference),
            organisation=workplace.reference if workplace else None,
        )


ORGANISATIONS = {
    "county": ("Leicestershire County Council", OrganisationKind.COUNTY_COUNCIL),
    "district": ("Hinckley and Bosworth Borough Council", OrganisationKind.DISTRICT_COUNCIL),
    "nhs": ("NHS Leicestershire", OrganisationKind.NHS_COMMISSIONER),
    "trust": ("Leicestershire Community NHS Trust", OrganisationKind.NHS_TRUST),
    "police": ("Leicestershire Police", OrganisationKind.POLICE),
    "beacon": ("Beacon Advocacy", OrganisationKind.CHARITY),
    "stepping_stones": ("Stepping Stones Advocacy", OrganisationKind.CHARITY),
    "lantern": ("Lantern Family Trust", OrganisationKind.CHARITY),
    "mentors": ("Walk With Me Mentors", OrganisationKind.MENTORS_GROUP),
}

# name: first name, last name, age, household, relation, decides alone
PERSONS = {
    "fred": ("Fred", "Garner", 45, "family", Relation.PARENT, True),
    "anne": ("Anne", "Pickett", 38, "family", Relation.PARTNER, True),
    "stacey": ("Stacey", "Doyle", 17, "family", Relation.STEP_CHILD, True),
    "jamie": ("Jamie", "Garner", 13, "family", Relation.CHILD, False),
    "josh": ("Josh", "Garner", 6, "family", Relation.CHILD, False),
    "olive": ("Olive", "Next", 33, "neighbours", Relation.PARENT, True),
}

# name: full name, workplace, role
STAFF = {
    "amira": ("Amira Shah", "beacon", Role.ADVOCATE),
    "nadia": ("Nadia Hussain", "stepping_stones", Role.ADVOCATE),
    "ruth": ("Ruth Okafor", "trust", Role.LEAD_PROFESSIONAL),
    "dev": ("Dev Patel", "mentors", Role.PROVIDER_WORKER),
    "lena": ("Lena Kowalska", "lantern", Role.PROVIDER_WORKER),
    "ingrid": ("Ingrid Holt", "county", Role.INTAKE_WORKER),
    "colin": ("Colin Marsh", "county", Role.COMMISSIONER),
    "helena": ("Helena Brook", "county", Role.COMMISSIONER),
    "femi": ("Femi Adeyemi", "county", Role.FINANCE),
    "edie": ("Edie Lin", "county", Role.EDITOR),
    "adam": ("Adam Novak", "county", Role.ADMINISTRATOR),
    "sam": ("PC Sam Whitlock", "police", Role.LEAD_PROFESSIONAL),
}

LADDER = (
    Step.CHECK_ELIGIBILITY,
    Step.TAKE_APPLICATION,
    Step.DECIDE_ELIGIBILITY,
    Step.COMMISSION,
    Step.BOOK,
)
LADDER_WITH_ASSESSMENT = (*LADDER[:3], Step.ASSESS, *LADDER[3:])
