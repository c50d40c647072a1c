"""What stands before the oracle is asked: every row that a situation can touch, written once."""

from datetime import timedelta

from budgets import funds
from budgets.models import Account, Member, Person, Relation, Responsibility
from cms import catalogue
from cms.models import ContactCheck, Service, ServiceKind, Step
from marketplace.authority.models import (
    Agreement,
    AgreementState,
    Cover,
    CoverKind,
    Rule,
    Suspension,
    Use,
)
from marketplace.people.models import Appointment, Competence, Interest, Membership
from marketplace.people.roles import AdvocateKind, Role
from marketplace.referrals.models import Outcome, Referral
from pricing import quotes
from pricing.models import Confidence, Funding, Price, PriceUnit
from tests import factories
from tests.cast import Cast
from tests.oracle import oracle

AMOUNT, QUANTITY = 15_000, 6
USED_BY_FAMILY, USED_BY_ALL = 40_000, 120_000
STEP_OF = {step.value.replace("_", " "): step for step in Step}
KINDS = {
    "role model": ServiceKind.ROLE_MODEL,
    "mentor": ServiceKind.MENTOR,
    "parents' group": ServiceKind.GROUP,
    "youth club": ServiceKind.UNIVERSAL,
}


class Standing:
    """One asker, three agreements, every kind of service, and a referral to each."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.day = cast, cast.day
        self.long_ago = self.day - timedelta(days=300)
        Rule.objects.all().delete()
        Agreement.objects.update(state=AgreementState.ENDED, ended_on=self.day)
        self._people()
        self._relations()
        self._agreements()
        self._rules()
        self._services()
        self._referrals()

    def _people(self) -> None:
        cast = self.cast
        self.asker = Person.objects.create(first_name="Robin")
        self.stranger = Person.objects.create(first_name="Nobody")
        self.user = factories.user(person=self.asker)
        self.membership = Membership.objects.create(
            user=self.user, organisation=cast.police, role=Role.ADVOCATE, starts_on=self.long_ago
        )
        self.appointment = Appointment.objects.create(
            person=cast.fred,
            user=self.user,
            kind=AdvocateKind.PAID_ADVOCATE,
            starts_on=self.long_ago,
        )
        self.member = Member.objects.create(
            family=cast.family,
            person=self.asker,
            relation=Relation.PARENT,
            joined_on=self.long_ago,
        )
        Responsibility.objects.create(
            holder=cast.fred, person=self.asker, may_decide=True, starts_on=self.long_ago
        )

    def _relations(self) -> None:
        cast = self.cast
        self.competence = Competence.objects.create(
            user=self.user, code="trained", checked_by="oracle", starts_on=self.long_ago
        )
        self.interest = Interest.objects.create(
            user=self.user, organisation=cast.mentors, starts_on=self.long_ago
        )
        self.safeguard = factories.safeguard(cast, cast.jamie)
        accounts = Account.objects.filter(envelope__plan=cast.plan)
        accounts.update(posted_pence=0)
        self.account = accounts.earliest("pk")

    def _agreements(self) -> None:
        self.agreements = {
            name: Agreement.objects.create(
                owner=self.cast.county,
                holder=self.cast.police,
                state=AgreementState.SIGNED,
                owner_signed_at=self.cast.at,
                holder_signed_at=self.cast.at,
                valid_from=self.long_ago,
            )
            for name in ("main", "second", "broader", "parked")
        }
        parked = Agreement.objects.filter(pk=self.agreements["parked"].pk)
        parked.update(state=AgreementState.ENDED, ended_on=self.day)
        self.suspension = Suspension.objects.create(
            agreement=self.agreements["parked"], starts_on=self.long_ago, suspended_by="oracle"
        )
        self.covers = {
            name: Cover.objects.create(
                agreement=self.agreements[name],
                kind=CoverKind.SELF_INSURED,
                valid_from=self.long_ago,
            )
            for name in ("main", "second", "broader")
        }

    def _rules(self) -> None:
        self.rules = {
            (name, step): Rule.objects.create(
                agreement=self.agreements[name],
                role=Role.ADVOCATE,
                service=self.cast.mentor,
                step=step,
                cover=self.covers[name],
                valid_from=self.long_ago,
            )
            for name in self.covers
            for step in Step
        }
        year = funds.year_of(self.day)
        lineage = self.rules["main", Step.COMMISSION].lineage
        for family, used in ((self.cast.family, USED_BY_FAMILY), (None, USED_BY_ALL)):
            Use.objects.create(lineage=lineage, family=family, year=year, amount_pence=used)
            # What was used last year, and by the neighbours, counts for nothing here.
            Use.objects.create(lineage=lineage, family=family, year=year - 1, amount_pence=10**9)
        Use.objects.create(
            lineage=lineage, family=self.cast.neighbours, year=year, amount_pence=10**9
        )

    def _services(self) -> None:
        self.services: dict[str, Service] = {}
        for number, (name, line) in enumerate(oracle.SERVICES.items()):
            self.services[name] = catalogue.add_service(
                name=name,
                slug=f"oracle-{number}",
                owner=self.cast.county,
                provider=self.cast.mentors,
                kind=KINDS.get(name, ServiceKind.SPECIALIST),
                summary="Asked of the oracle.",
                terms=[self.cast.need],
                steps=[STEP_OF[step] for step in line["Steps in order"].split(" / ")],
                is_statutory=line["Statutory"] == "yes",
                is_confidential=line["Confidential"] == "yes",
                standard_quantity=QUANTITY,
                contact_check=ContactCheck.DBS_ENHANCED,
                check_valid_until=self.day + timedelta(days=100),
            )

    def _referrals(self) -> None:
        self.referrals: dict[str, Referral] = {}
        for name, service in self.services.items():
            Price.objects.create(
                service=service,
                amount_pence=AMOUNT // QUANTITY,
                unit=PriceUnit.SESSION,
                funding=Funding.SPOT_PURCHASE,
                confidence=Confidence.AGREED,
                price_year="2026/27",
                source="The oracle",
                valid_from=self.long_ago,
            )
            quote = quotes.quote(service=service, quantity=QUANTITY, at=self.cast.at)
            self.referrals[name] = factories.referral(
                self.cast,
                self.cast.jamie,
                service=service,
                plan=self.cast.plan,
                quote=quote,
                is_confidential=service.is_confidential,
                end_reason="no_longer_needed",
                ended_at=self.cast.at,
            )
        self.quotes = {name: referral.quote_id for name, referral in self.referrals.items()}
        self.parked = factories.referral(self.cast, self.cast.josh)
        self.steps = {
            name: factories.step(self.cast, self.parked, step=step, outcome=Outcome.DONE)
            for name, step in STEP_OF.items()
        }
        self.reason = factories.reason(self.cast, self.cast.jamie, subject=self.parked.reference)
        self.consent = factories.consent(self.cast, self.cast.jamie, subject=self.parked.reference)
