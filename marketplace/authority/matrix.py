"""Every agreement in one table: services down, organisations across (report §5.4.2)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cms.models import Organisation, Service, Step
from marketplace.authority import rules
from marketplace.authority.models import (
    Agreement,
    AgreementState,
    Answer,
    Cover,
    Pathway,
    Rule,
)
from marketplace.people.roles import Role

LAPSES_SOON = timedelta(days=30)
ORDER = [step.value for step in Step]
ON_THE_TABLE = (AgreementState.PROPOSED, AgreementState.ANSWERED)


@dataclass(frozen=True)
class Limit:
    """Up to how much may be commissioned at once (pence; null: any), with which qualification."""

    pence: int | None
    competence: str


@dataclass(frozen=True)
class Standing:
    """What one role of one organisation may do on one service, up to which limits."""

    role: str
    steps: tuple[str, ...]
    rules: tuple[Rule, ...]
    limits: tuple[Limit, ...]
    cover: Cover | None
    lapses_soon: bool
    has_lapsed: bool


@dataclass(frozen=True)
class Talk:
    """How far two organisations have come, with what is on the table and whose turn it is."""

    pathway: Pathway
    version: Agreement | None
    due: str
    """offer, answer or sign: what whoever has the next word is to do."""
    turns: frozenset[int]

    @property
    def is_open(self) -> bool:
        """Tell whether something is being talked about."""
        return self.version is not None

    def is_turn_of(self, organisation: Organisation | None) -> bool:
        """Tell whether an organisation has the next word."""
        return organisation is not None and organisation.pk in self.turns


@dataclass(frozen=True)
class Cell:
    """Where one service and one organisation (or, with null, families) meet."""

    service: Service
    holder: Organisation | None
    standings: tuple[Standing, ...]
    talk: Talk | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing holds and nothing is being talked about."""
        return not self.standings and self.talk is None

    def is_party(self, organisation: Organisation | None) -> bool:
        """Tell whether an organisation is one of the two that meet here."""
        return organisation is not None and (
            organisation.pk == self.service.owner_id
            or (self.holder is not None and organisation.pk == self.holder.pk)
        )


@dataclass(frozen=True)
class Row:
    """One service, the steps that it needs, and a cell for each organisation."""

    service: Service
    needed: frozenset[str]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """The table; a null organisation stands for families themselves."""

    holders: tuple[Organisation | None, ...]
    rows: tuple[Row, ...]

    @property
    def is_bare(self) -> bool:
        """Tell whether no cell says anything."""
        return all(cell.is_empty for row in self.rows for cell in row.cells)


def services(*, day: date) -> QuerySet[Service]:
    """Return the services that the table is about: their processes are on record."""
    listed: QuerySet[Service] = (
        Service.objects.standing(day)
        .filter(live=True, processes__isnull=False)
        .select_related("owner", "provider")
        .prefetch_related("terms", "processes")
        .distinct()
        .order_by("name", "pk")
    )
    return listed


def matrix(
    *,
    day: date,
    among: Sequence[Service],
    first: Organisation | None = None,
    with_talks: bool = True,
) -> Matrix:
    """Return what holds on a day for these services; a few queries, however many they are.

    A rule for a term counts for each service with it, a rule for all for each of the owner's.
    The column of `first` stands first, whether it holds anything or not, and families' last.
    """
    found: dict[tuple[int, int | None], list[Rule]] = defaultdict(list)
    holders: list[Organisation | None] = []
    for rule in _rules(day=day, among=among):
        holders.append(rule.agreement.holder)
        for service in among:
            if rules.covers(rule=rule, service=service):
                found[service.pk, rule.agreement.holder_id].append(rule)
    open_talks = talks(among=among) if with_talks else {}
    columns = _columns([*holders, *(talk.pathway.holder for talk in open_talks.values())], first)

    def cell(service: Service, holder: Organisation | None) -> Cell:
        key = (service.pk, holder.pk if holder else None)
        held = standings(found.get(key, []), day=day)
        return Cell(service=service, holder=holder, standings=held, talk=open_talks.get(key))

    rows = tuple(
        Row(
            service=service,
            needed=frozenset(process.step for process in service.processes.all()),
            cells=tuple(cell(service, holder) for holder in columns),
        )
        for service in among
    )
    return Matrix(holders=columns, rows=rows)


def talks(*, among: Iterable[Service]) -> dict[tuple[int, int | None], Talk]:
    """Return what was ever begun about these services, by service and holder; two queries."""
    cells = list(
        _with_versions(Pathway.objects.filter(service__in=list(among))).select_related(
            "holder", "service"
        )
    )
    tables = {version.pathway_id: version for version in _tables(cells)}
    return {
        (pathway.service_id, pathway.holder_id): _talk(pathway, tables.get(pathway.pk))
        for pathway in cells
    }


def talk(*, service: Service, holder: Organisation | None) -> Talk | None:
    """Return what was begun in one cell, or None."""
    return talks(among=[service]).get((service.pk, holder.pk if holder else None))


def waiting(*, organisation: Organisation) -> list[Talk]:
    """Return the cells where an organisation has the next word, in the order of the table."""
    ours = Q(service__owner=organisation) | Q(holder=organisation)
    cells = list(
        _with_versions(Pathway.objects.filter(ours, service__live=True))
        .filter(Q(is_untouched=True) | Q(versions__state__in=ON_THE_TABLE))
        .select_related("service__owner", "holder")
        .distinct()
        .order_by("service__name", "service__pk", "holder__name", "holder__pk")
    )
    tables = {version.pathway_id: version for version in _tables(cells)}
    found = [_talk(pathway, tables.get(pathway.pk)) for pathway in cells]
    return [talk for talk in found if talk.is_turn_of(organisation)]


def _with_versions(cells: QuerySet[Pathway]) -> QuerySet[Pathway]:
    versions = Agreement.objects.filter(pathway=OuterRef("pk"))
    return cells.annotate(is_untouched=~Exists(versions))


def _tables(cells: Iterable[Pathway]) -> QuerySet[Agreement]:
    accepted = Answer.objects.filter(
        offer__agreement=OuterRef("pk"), replaced_at__isnull=True, accepted=True
    )
    return Agreement.objects.filter(pathway__in=cells, state__in=ON_THE_TABLE).annotate(
        has_a_yes=Exists(accepted)
    )


def _talk(pathway: Any, version: Any) -> Talk:
    """Return whose turn it is: the holder offers, the owner answers, both sign.

    Where nothing was accepted there is nothing to sign, and the holder has the next word.
    """
    owner, holder = pathway.service.owner_id, pathway.holder_id
    if version is None:
        return Talk(pathway, None, "offer", frozenset({holder} if pathway.is_untouched else ()))
    if version.state == AgreementState.PROPOSED:
        return Talk(pathway, version, "answer", frozenset({owner}))
    if not version.has_a_yes:
        return Talk(pathway, version, "offer", frozenset({holder}))
    unsigned = {
        party
        for party, signed_at in (
            (owner, version.owner_signed_at),
            (holder, version.holder_signed_at),
        )
        if signed_at is None
    }
    return Talk(pathway, version, "sign", frozenset(unsigned))


def standings(about: Iterable[Rule], *, day: date) -> tuple[Standing, ...]:
    """Return what each role may do under these rules of one holder on one service."""
    held: dict[str, list[Rule]] = defaultdict(list)
    for rule in about:
        held[rule.role].append(rule)
    return tuple(_standing(role, held[role], day) for role in Role.values if role in held)


def _rules(*, day: date, among: Sequence[Service]) -> list[Rule]:
    terms = {term.pk for service in among for term in service.terms.all()}
    found = Rule.objects.in_force(day).filter(
        Q(service__in=[service.pk for service in among])
        | Q(service__isnull=True, term__in=terms)
        | Q(service__isnull=True, term__isnull=True),
        agreement__owner__in={service.owner_id for service in among},
    )
    return list(found.select_related("agreement__holder", "cover").order_by("pk"))


def _columns(
    holders: Sequence[Organisation | None], first: Organisation | None
) -> tuple[Organisation | None, ...]:
    known: dict[int, Organisation] = {holder.pk: holder for holder in holders if holder}
    rest = sorted(
        (one for one in known.values() if first is None or one.pk != first.pk),
        key=lambda one: (one.name, one.pk),
    )
    families: list[Organisation | None] = [None] if None in holders else []
    return (*([first] if first else []), *rest, *families)


def _standing(role: str, about: list[Rule], day: date) -> Standing:
    won = [
        rule
        for step in ORDER
        for rule in rules.most_specific(one for one in about if one.step == step)
    ]
    held = {rule.step for rule in won}
    limits = {
        Limit(rule.limit_commission_pence, rule.competence)
        for rule in won
        if rule.step == Step.COMMISSION
    }
    cover = next((rule.cover for rule in won if rule.cover), None)
    until = cover.valid_to if cover else None
    return Standing(
        role=role,
        steps=tuple(step for step in ORDER if step in held),
        rules=tuple(won),
        limits=tuple(sorted(limits, key=lambda limit: (bool(limit.competence), limit.competence))),
        cover=cover,
        lapses_soon=until is not None and timedelta(0) < until - day <= LAPSES_SOON,
        has_lapsed=until is not None and until <= day,
    )
