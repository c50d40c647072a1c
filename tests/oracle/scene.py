"""Puts a situation of the oracle's table into the database, and says who asks about what.

From one situation to the next only what differs is updated, so that a situation costs a handful
of small queries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models

from budgets import history
from budgets.models import Account, Member, Person, Plan, PlanStatus, Relation
from cms.models import Organisation, Service
from marketplace.authority.models import (
    Agreement,
    AgreementState,
    Cover,
    CoverKind,
    Rule,
    Suspension,
)
from marketplace.people.models import Appointment, Competence, Interest, Membership, User
from marketplace.people.roles import AdvocateKind, Role
from marketplace.referrals.models import Referral, StepTaken
from marketplace.sharing.models import Basis, Reason, Safeguard
from tests.cast import Cast
from tests.oracle import oracle
from tests.oracle.standing import AMOUNT, STEP_OF, USED_BY_ALL, USED_BY_FAMILY, Standing

Situation = Mapping[str, str]
Row = tuple[type[models.Model], int]
Fields = dict[str, Any]

ASKED_BY = {"a person": "person", "a link": "link", "the clock": "clock", "an import": "import"}
OVER = {"no limit": None, "under": 1, "equal": 0, "a penny over": -1}
# The cast's day is a 3 June, which every month has.
PAGE_READ = {
    "page read 15 months ago less a day": lambda day: date(day.year - 1, 3, day.day + 1),
    "page read 15 months ago": lambda day: date(day.year - 1, 3, day.day),
}


@dataclass(frozen=True)
class Asked:
    """Who asks, about which referral, and what it would cost the plan, in pence."""

    by: history.Actor
    referral: Referral
    amount_pence: int


class Scene:
    """What stands, and how it stands now."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.day = cast, cast.day
        self.stands = Standing(cast)
        self.long_ago = self.stands.long_ago
        self.now: dict[Row, Fields] = {}
        self.held: tuple[str, Referral] | None = None

    def put(self, situation: Situation) -> Asked:
        """Put a situation up, and return who asks about what."""
        changed = self._update(situation)
        name = situation["Service"]
        if self.held is None or self.held[0] != name or changed & {Referral, Service, Plan}:
            rows = Referral.objects.with_names().select_related("plan")
            self.held = name, rows.get(pk=self.stands.referrals[name].pk)
        costs = situation["Price"] != "none" and oracle.SERVICES[name]["Statutory"] == "no"
        return Asked(self._actor(situation), self.held[1], AMOUNT if costs else 0)

    def _update(self, situation: Situation) -> set[type[models.Model]]:
        """Write what differs, the same change to several rows at once; return what was touched."""
        changes: dict[tuple[type[models.Model], str], tuple[Fields, list[int]]] = {}
        for (model, pk), fields in self._wanted(situation):
            held = self.now.setdefault((model, pk), {})
            new = {name: value for name, value in fields.items() if held.get(name, self) != value}
            if new:
                held.update(new)
                changes.setdefault((model, repr(new)), (new, []))[1].append(pk)
        for (model, _same), (new, pks) in changes.items():
            model._base_manager.filter(pk__in=pks).update(**new)
        return {model for model, _same in changes}

    def _actor(self, situation: Situation) -> history.Actor:
        workplace = self._workplace(situation)
        return history.Actor(
            kind=history.ActorKind(ASKED_BY[situation["Asked by"]]),
            reference=str(self.stands.user.reference),
            organisation=workplace.reference if workplace else None,
        )

    def _workplace(self, situation: Situation) -> Organisation | None:
        if situation["Role"] == "family":
            return None
        return {
            "another organisation": self.cast.stepping_stones,
            "the owner": self.cast.county,
            "the owner, which provides it": self.cast.county,
            "the provider": self.cast.mentors,
        }[situation["Works for"]]

    def _wanted(self, situation: Situation) -> Iterator[tuple[Row, Fields]]:
        yield from self._who(situation)
        yield from self._agreed(situation)
        yield from self._ruled(situation)
        yield from self._asked_for(situation)
        yield from self._money(situation)

    def _days(self, word: str, start: str = "valid_from", end: str = "valid_to") -> Fields:
        """Return the two days of something dated; it ends before its last."""
        return {
            start: {
                "first day": self.day,
                "from today": self.day,
                "insured from today": self.day,
                "the day before": self.day + timedelta(days=1),
                "from tomorrow": self.day + timedelta(days=1),
            }.get(word, self.long_ago),
            end: {
                "last day": self.day + timedelta(days=1),
                "the day after": self.day,
                "until today": self.day,
                "declared until today": self.day,
                "lapsed yesterday": self.day - timedelta(days=1),
            }.get(word),
        }

    def _who(self, situation: Situation) -> Iterator[tuple[Row, Fields]]:
        cast, role = self.cast, situation["Role"]
        place, works_for = self._workplace(situation), situation["Works for"]
        yield (User, self.stands.user.pk), {"is_active": situation["Sign-in"] != "switched off"}
        # Who has no role there has one elsewhere.
        yield (
            (Membership, self.stands.membership.pk),
            {
                "organisation_id": cast.trust.pk if role == "none" or not place else place.pk,
                "role": Role.EDITOR if role in ("none", "family") else role,
                "suspended_at": cast.at if situation["Sign-in"] == "suspended at work" else None,
                **self._days(situation["Role dates"], "starts_on", "ends_on"),
            },
        )
        decided_for = works_for == "herself: decided for"
        age = 10 if decided_for else 30
        yield (Person, self.stands.asker.pk), {"born_on": _years_before(self.day, age)}
        yield (
            (Member, self.stands.member.pk),
            {
                "family_id": (
                    cast.neighbours if works_for == "herself: in another household" else cast.family
                ).pk,
                "relation": Relation.VISITOR
                if works_for == "herself: visiting"
                else Relation.PARENT,
                "left_on": self.day if works_for == "herself: moved out" else None,
            },
        )
        appointed = situation["Appointed"]
        yield (
            (Appointment, self.stands.appointment.pk),
            {
                "person_id": {
                    "by nobody": self.stands.stranger.pk,
                    "by the neighbours": cast.olive.pk,
                }.get(appointed, cast.fred.pk),
                "kind": {
                    "as a volunteer": AdvocateKind.VOLUNTEER,
                    "as a family friend": AdvocateKind.FAMILY_FRIEND,
                    "as a lead professional": AdvocateKind.LEAD_PROFESSIONAL,
                }.get(appointed, AdvocateKind.PAID_ADVOCATE),
                **self._days(appointed, "starts_on", "ends_on"),
            },
        )
        yield (
            (Competence, self.stands.competence.pk),
            {
                "code": "trained" if situation["Competence"] != "missing" else "something_else",
                **self._days(situation["Competence"], "starts_on", "ends_on"),
            },
        )
        # Who gains from somebody else gains nothing here.
        gains_from = self._provider(situation) if situation["Interest"] != "none" else cast.police
        yield (
            (Interest, self.stands.interest.pk),
            {
                "organisation_id": gains_from.pk,
                **self._days(situation["Interest"], "starts_on", "ends_on"),
            },
        )
        safeguard = situation["Safeguard"]
        yield (
            (Safeguard, self.stands.safeguard.pk),
            {
                "closed_at": cast.at if safeguard == "none" else None,
                "closed_for": "safe_now" if safeguard == "none" else "",
                "is_with_social_worker": safeguard == "with a social worker",
            },
        )

    def _provider(self, situation: Situation) -> Organisation:
        itself = situation["Works for"] == "the owner, which provides it"
        return self.cast.county if itself else self.cast.mentors

    def _agreed(self, situation: Situation) -> Iterator[tuple[Row, Fields]]:
        stands, word, place = self.stands, situation["Agreement"], self._workplace(situation)
        holder = place.pk if place else None
        for name in ("second", "broader"):
            asked = situation[f"{name.capitalize()} rule"] != "none"
            yield (
                (Agreement, stands.agreements[name].pk),
                {
                    "holder_id": holder,
                    "state": AgreementState.SIGNED if asked else AgreementState.ENDED,
                    "ended_on": None if asked else self.day,
                },
            )
        yield (
            (Agreement, stands.agreements["main"].pk),
            {
                "holder_id": self.cast.police.pk if word == "with somebody else" else holder,
                "owner_id": (self.cast.nhs if word == "of another owner" else self.cast.county).pk,
                **self._state(word, is_families=place is None),
                **self._days(situation["Agreement dates"]),
            },
        )
        suspended = word.startswith("suspended")
        yield (
            (Suspension, stands.suspension.pk),
            {
                "agreement_id": stands.agreements["main" if suspended else "parked"].pk,
                **self._days(word.removeprefix("suspended "), "starts_on", "ends_on"),
            },
        )
        yield from self._covered(situation)

    def _state(self, word: str, *, is_families: bool) -> Fields:
        """Return how an agreement stands: by its signatures and days, with its state beside."""
        signed_by = {
            "proposed": (),
            # Families sign nothing: what its owner has signed is no longer only answered.
            "answered": () if is_families else ("owner",),
        }.get(word, ("owner", "holder"))
        first = word.split()[0]
        return {
            "owner_signed_at": self.cast.at if "owner" in signed_by else None,
            "holder_signed_at": self.cast.at if "holder" in signed_by else None,
            "state": first if first in AgreementState.values else AgreementState.SIGNED,
            "ended_on": {"ended": self.day, "ends tomorrow": self.day + timedelta(days=1)}.get(
                word
            ),
        }

    def _covered(self, situation: Situation) -> Iterator[tuple[Row, Fields]]:
        cover = situation["Cover"]
        yield (
            (Cover, self.stands.covers["main"].pk),
            {
                "kind": {
                    "self-insured": CoverKind.SELF_INSURED,
                    "the owner's": CoverKind.OWNER,
                }.get(cover, CoverKind.INSURED),
                "insurer": "Fenwick Mutual (invented)",
                "amount_pence": 10**8,
                **self._days(cover, end="valid_to"),
                **self._end_of_cover(cover),
            },
        )

    def _end_of_cover(self, cover: str) -> Fields:
        """Insurance always ends some day."""
        end = self._days(cover)["valid_to"]
        return {"valid_to": end or self.day + timedelta(days=50)}

    def _ruled(self, situation: Situation) -> Iterator[tuple[Row, Fields]]:
        stands, role = self.stands, situation["Role"]
        named = Role.ADVOCATE if role == "none" else Role(role)
        another = Role.EDITOR if named == Role.FINANCE else Role.FINANCE
        service, need = stands.services[situation["Service"]].pk, self.cast.need.pk
        about = {
            "this service": (service, None),
            "its need": (None, need),
            "every service of the owner": (None, None),
            "another service": (self.cast.mentor.pk, None),
            "another need": (None, self.cast.barrier.pk),
        }[situation["Rule about"]]
        as_close = {
            "another service": (service, None),
            "another need": (None, need),
        }.get(situation["Rule about"], about)
        for name, role_named, (service_id, term_id) in (
            ("main", named if situation["Rule names"] == "her role" else another, about),
            ("second", named, as_close),
            ("broader", named, (None, None)),
        ):
            said = {"role": role_named, "service_id": service_id, "term_id": term_id}
            if name == "main":
                said |= self._limits(situation) | self._days(situation["Rule dates"])
            for step in STEP_OF.values():
                there = name == "main" and self._is_for(step, situation["Rule steps"])
                where = stands.agreements[name if there or name != "main" else "parked"]
                yield (Rule, stands.rules[name, step].pk), {**said, "agreement_id": where.pk}

    def _is_for(self, step: str, steps: str) -> bool:
        return steps == "all" or (step == "commission") is (steps == "commission only")

    def _limits(self, situation: Situation) -> Fields:
        uncovered = situation["Cover"] == "none"
        asked = situation["Competence"] != "not asked for"
        return {
            "cover_id": None if uncovered else self.stands.covers["main"].pk,
            "competence": "trained" if asked else "",
            "limit_commission_pence": _limit(situation["Limit a time"], AMOUNT),
            "limit_family_year_pence": _limit(
                situation["Limit a family and year"], USED_BY_FAMILY + AMOUNT
            ),
            "limit_year_pence": _limit(situation["Limit of the rule a year"], USED_BY_ALL + AMOUNT),
        }

    def _asked_for(self, situation: Situation) -> Iterator[tuple[Row, Fields]]:
        stands, name = self.stands, situation["Service"]
        offered, rung = situation["Offered"], situation["Rung"]
        yield (
            (Service, stands.services[name].pk),
            {
                "provider_id": self._provider(situation).pk,
                "check_valid_until": self.day
                + timedelta(days={"check's last day": 0, "check ran out": -1}.get(offered, 100)),
                "withdrawn_on": self.day if offered == "withdrawn" else None,
                "live": offered != "not published",
                "checked_on": PAGE_READ.get(offered, lambda day: day)(self.day),
            },
        )
        referral = stands.referrals[name]
        yield (
            (Referral, referral.pk),
            {
                "rung": rung,
                "quote_id": stands.quotes[name] if situation["Price"] == "set" else None,
                "yes_at": self.cast.at if situation["Yes"] == "said" else None,
                "weighed_at": self.cast.at if situation["Weighed"] == "yes" else None,
            },
        )
        done = oracle.RUNGS[rung]["Steps behind it"].split(" / ")
        if situation["Assessed already"] == "yes" and rung == "hard_referred":
            done += ["assess", "diagnose"]
        for step, row in stands.steps.items():
            where = referral if step in done else stands.parked
            yield (StepTaken, row.pk), {"referral_id": where.pk}
        basis = situation["Basis"]
        rests_on_a_yes = basis in ("consent", "consent withdrawn")
        is_closed = basis in ("none", "consent withdrawn")
        yield (
            (Reason, stands.reason.pk),
            {
                "subject": referral.reference,
                "basis": Basis.CONSENT
                if rests_on_a_yes
                else Basis.PUBLIC_TASK
                if basis == "none"
                else basis.replace(" ", "_"),
                "consent_id": stands.consent.pk if rests_on_a_yes else None,
                "closed_at": self.cast.at if is_closed else None,
            },
        )

    def _money(self, situation: Situation) -> Iterator[tuple[Row, Fields]]:
        plan = situation["Plan"]
        status = {
            "agreed only": PlanStatus.AGREED,
            "closed": PlanStatus.CLOSED,
            "in review": PlanStatus.IN_REVIEW,
        }.get(plan, PlanStatus.ACTIVE)
        closed_on = self.day if status == PlanStatus.CLOSED else None
        yield (Plan, self.cast.plan.pk), {"status": status, "closed_on": closed_on}
        left = {"exactly enough": AMOUNT, "a penny short": AMOUNT - 1}.get(plan, 10**6)
        yield (Account, self.stands.account.pk), {"posted_pence": left}


def _limit(word: str, reached: int) -> int | None:
    """Return a limit that is passed by as much as the word says."""
    over = OVER[word]
    return None if over is None else reached + over


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))
