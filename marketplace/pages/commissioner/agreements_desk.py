"""Who stands at the table of agreements: through which door, for whom, and with what right."""

import functools
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cms.models import Organisation, Service
from marketplace.authority import signatories
from marketplace.authority.models import DecisionReview, Pathway
from marketplace.pages import doors
from marketplace.people import memberships
from marketplace.people.roles import Role

P = ParamSpec("P")
# Through the provider's door people read what their organisation may do; its commissioners and
# administrators, whichever door they come through, speak for it.
ROLES: dict[str, tuple[Role, ...]] = {
    "commissioner": (Role.COMMISSIONER, Role.ADMINISTRATOR),
    "provider": (Role.PROVIDER_WORKER, Role.INTAKE_WORKER, Role.ADMINISTRATOR),
}
# Intake judges what was decided for its services; who only delivers has no part in it.
JUDGES: dict[str, tuple[Role, ...]] = {
    "commissioner": (Role.COMMISSIONER, Role.ADMINISTRATOR),
    "provider": (Role.INTAKE_WORKER, Role.ADMINISTRATOR),
}


@dataclass(frozen=True)
class Desk:
    """The door that the pages stand behind, whose they are, and what the table is narrowed by."""

    door: str
    query: str
    ours: Organisation
    may_speak: bool
    may_judge: bool

    @property
    def table_href(self) -> str:
        """Return the way back to the table as it was."""
        return self._address("agreements")

    @property
    def waiting_href(self) -> str:
        """Return where everything that waits for us is answered together."""
        return self._address("agreements_waiting")

    @property
    def ask_href(self) -> str:
        """Return where others are asked what they have the skills for."""
        return self._address("agreements_ask")

    @property
    def cover_href(self) -> str:
        """Return where cover that ends is renewed."""
        return self._address("agreements_cover")

    @property
    def monitoring_href(self) -> str:
        """Return where it is told how agreements worked; nothing for who only delivers."""
        return self._address("agreements_monitoring") if self.may_judge else ""

    def judge_href(self, sampled: DecisionReview) -> str:
        """Return where one sampled decision is judged."""
        return self._address("agreements_judge", reference=sampled.reference)

    def cell_href(self, service: Service, holder: Organisation | None) -> str:
        """Return where a cell's own page is."""
        return self._address("agreement", **_cell(service, holder))

    def act_href(self, service: Service, holder: Organisation | None, act: str) -> str:
        """Return where something is done to a cell."""
        return self._address("agreement_act", act=act, **_cell(service, holder))

    def of(self, pathway: Pathway) -> str:
        """Return where the page of a cell that was negotiated is."""
        return self.cell_href(pathway.service, pathway.holder)

    def must_speak(self) -> None:
        """Turn away whoever may read, but does not speak for the organisation: 403."""
        if not self.may_speak:
            raise PermissionDenied(
                _("A commissioner or administrator of %(organisation)s has to do this.")
                % {"organisation": self.ours.name}
            )

    def _address(self, name: str, **kwargs: object) -> str:
        address = reverse(f"{self.door}_{name}", kwargs=kwargs)
        return f"{address}?{self.query}" if self.query else address


Page = Callable[Concatenate[HttpRequest, doors.Visit, Desk, P], HttpResponse]
Door = Callable[Concatenate[HttpRequest, P], HttpResponse]


def at_desk(page: Page[P], *, roles: Mapping[str, tuple[Role, ...]] = ROLES) -> Door[P]:
    """Let in whoever may stand at the desk behind the door of the address."""

    @functools.wraps(page)
    def inner(
        request: HttpRequest, visit: doors.Visit, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        return page(request, visit, _desk(request, visit), *args, **kwargs)

    behind = {door: doors.staff(*among)(inner) for door, among in roles.items()}

    @functools.wraps(page)
    def outer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return behind[_door(request)](request, *args, **kwargs)

    return outer


def asked_day(request: HttpRequest, today: date) -> date:
    """Return the day that is asked about; today where it makes no sense."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today


def _door(request: HttpRequest) -> str:
    match = request.resolver_match
    assert match is not None  # a page is only asked for at an address
    assert match.url_name is not None  # and every address of ours has a name
    return match.url_name.partition("_")[0]


def _desk(request: HttpRequest, visit: doors.Visit) -> Desk:
    ours = visit.organisation
    held = memberships.roles_at(by=visit.by, at=visit.at)
    return Desk(
        door=_door(request),
        query=request.GET.urlencode(),
        ours=ours,
        may_speak=bool(held & set(signatories.ROLES)),
        may_judge=bool(held & {*JUDGES["commissioner"], *JUDGES["provider"]}),
    )


def _cell(service: Service, holder: Organisation | None) -> dict[str, uuid.UUID | str]:
    found: dict[str, uuid.UUID | str] = {"slug": service.slug}
    return found if holder is None else {**found, "holder": holder.reference}
