"""A provider's proposals: made, sent to the owner through Wagtail's workflow, and answered.

A proposal is the draft of an entry. It is whole: who answers it has read all of it, and an answer
to an older draft is refused.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Revision, TaskState, WorkflowState

from cms import catalogue, differences
from cms.models import Organisation, Service

# What a provider may propose. Who owns it, what only a check may say, and who can have how much of
# it (which the owner's commissioner sets from demand and budget) are not among them.
PROPOSABLE_FIELDS = """
    name summary description what_happens_next website email phone
    terms places districts answer_days wait_days notice_days is_confidential
    places_a_week places_at_once contact_check
    processes questions schedules
"""
PROPOSABLE = frozenset(PROPOSABLE_FIELDS.split())
NO_DRAFT = 0
"""The version of an entry that has no draft."""
MOST_NEW = 20
"""How many new services of one provider may wait for their owners."""


class Answer(models.TextChoices):
    """What an owner's editor says to a proposal."""

    APPROVE = "approve", gettext_lazy("Approve and publish")
    CHANGES = "changes", gettext_lazy("Ask for changes")
    NO = "no", gettext_lazy("Turn it down")


class NotProposable(catalogue.Refused):
    """A field that nobody may propose."""


class ChangedMeanwhile(catalogue.Refused):
    """Somebody else changed the same fields since the page was opened; `names` of them."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(
            _("Somebody changed this since you opened the page. Read both, then send it again.")
        )
        self.names = names


class NothingWaits(catalogue.Refused):
    """There is no proposal to answer."""


class SaysNothing(catalogue.Refused):
    """An answer that is no yes says what to change, or why not."""


class NotTheirs(catalogue.Refused):
    """Somebody who may not answer it."""


class TooMany(catalogue.Refused):
    """So many of a provider's new services wait that another has to wait too."""


@dataclass(frozen=True)
class Standing:
    """Where the last proposal for an entry stands, and what the owner's editor wrote."""

    state: str
    comment: str = ""
    at: datetime.datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Say whether it waits for its owner."""
        return self.state == WorkflowState.STATUS_IN_PROGRESS

    @property
    def is_sent_back(self) -> bool:
        """Say whether its owner asked for changes."""
        return self.state == WorkflowState.STATUS_NEEDS_CHANGES

    @property
    def is_turned_down(self) -> bool:
        """Say whether its owner said no."""
        return self.state == WorkflowState.STATUS_CANCELLED and bool(self.comment)


@transaction.atomic
def propose(
    *,
    service: Service,
    changes: Mapping[str, Any],
    by_user: AbstractBaseUser,
    was: int | None = None,
    among: Iterable[str] = (),
) -> Revision:
    """Keep changes to a service as a draft and ask its owner to approve them (Wagtail's workflow).

    `was` is the version that whoever wrote them had read, of the fields `among`: where somebody
    changed those meanwhile it is refused. Raises `catalogue.IsWithdrawn`, `NotProposable` for a
    field nobody may propose, `ChangedMeanwhile`, `catalogue.Unfit`.
    """
    service = Service.objects.select_for_update(no_key=True, of=("self",)).get(pk=service.pk)
    catalogue.must_stand(service)
    if refused := sorted(set(changes) - PROPOSABLE):
        raise NotProposable(_("These cannot be changed here: %s.") % ", ".join(refused))
    if was is not None and (names := changed_since(service=service, was=was, among=among)):
        raise ChangedMeanwhile(names)
    draft: Service = service.get_latest_revision_as_object()
    for name, value in changes.items():
        catalogue.put(draft, name, value)
    catalogue.must_be_fit(draft)
    revision: Revision = draft.save_revision(user=by_user)
    submit(service, revision, by_user)
    return revision


@transaction.atomic
def propose_new(
    *,
    name: str,
    owner: Organisation,
    provider: Organisation,
    kind: str,
    changes: Mapping[str, Any],
    by_user: AbstractBaseUser,
) -> Service:
    """Propose a service that the catalogue does not have: nobody finds it until it is approved.

    Raises `NotProposable`, `catalogue.Unfit`, `TooMany`.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=provider.pk)
    unheard = Service.objects.filter(
        provider=provider, live=False, first_published_at__isnull=True, withdrawn_on__isnull=True
    )
    if unheard.count() >= MOST_NEW:
        raise TooMany(_("Many of your new services wait already. Ask their owners to answer."))
    service = catalogue.add_service(
        name=name, owner=owner, provider=provider, kind=kind, live=False
    )
    propose(service=service, changes=changes, by_user=by_user)
    return Service.objects.get(pk=service.pk)


def changed_since(*, service: Service, was: int, among: Iterable[str]) -> list[str]:
    """Return which of some fields the latest draft says otherwise than an earlier version did."""
    if version(service) == was:
        return []
    seen = service.revisions.filter(pk=was).first()
    before = seen.as_object() if isinstance(seen, Revision) else Service.objects.get(pk=service.pk)
    differing = {
        each.name
        for each in differences.between(
            before=before, after=service.get_latest_revision_as_object()
        )
    }
    return [name for name in among if name in differing]


def version(service: Service) -> int:
    """Return the version of an entry that its next change is made to."""
    return service.latest_revision_id or NO_DRAFT


def submit(service: Service, revision: Revision, by_user: AbstractBaseUser) -> None:
    """Start the owner's workflow on the latest draft, or bring it back to its beginning."""
    workflow = service.get_workflow()
    if workflow is None:
        return
    fresh = Service.objects.get(pk=service.pk)
    state: WorkflowState | None = fresh.current_workflow_state
    if state is None:
        workflow.start(fresh, by_user)
    elif state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user=by_user)
    else:
        state.task_states.filter(status=TaskState.STATUS_IN_PROGRESS).update(revision=revision)


@transaction.atomic
def answer(
    *,
    service: Service,
    answer: Answer,
    comment: str,
    was: int,
    on: datetime.date,
    by_user: AbstractBaseUser,
) -> Service:
    """Answer what was proposed, through the owner's workflow; `was` is the version that was read.

    What is turned down is dropped: the entry says again what everybody reads, and one that nobody
    has read yet is withdrawn. Raises `NothingWaits`, `ChangedMeanwhile`, `SaysNothing`,
    `NotTheirs`, `catalogue.IsWithdrawn`, `catalogue.Unfit`.
    """
    service = Service.objects.select_for_update(no_key=True, of=("self",)).get(pk=service.pk)
    catalogue.must_stand(service)
    task_state = service.current_workflow_task_state
    if task_state is None or task_state.status != TaskState.STATUS_IN_PROGRESS:
        raise NothingWaits(_("There is nothing to answer: somebody answered before you."))
    if version(service) != was:
        raise ChangedMeanwhile(
            [each.name for each in differences.between(before=service, after=draft(service))]
        )
    if answer != Answer.APPROVE and not comment.strip():
        raise SaysNothing(_("Say what to change, or why not: the provider reads it."))
    task = task_state.task.specific
    if not task.get_actions(service, by_user):
        raise NotTheirs(_("Only an editor of the owner can answer this."))
    if answer == Answer.APPROVE:
        catalogue.must_be_fit(draft(service))
        task.on_action(task_state.specific, by_user, "approve", comment=comment.strip())
    elif answer == Answer.CHANGES:
        task.on_action(task_state.specific, by_user, "reject", comment=comment.strip())
    else:
        _turn_down(service, task_state, comment.strip(), on, by_user)
    return Service.objects.get(pk=service.pk)


def _turn_down(
    service: Service,
    task_state: TaskState,
    comment: str,
    on: datetime.date,
    by_user: AbstractBaseUser,
) -> None:
    state: WorkflowState = task_state.workflow_state
    task_state.specific.reject(user=by_user, update=False, comment=comment)
    Service.objects.get(pk=service.pk).save_revision(user=by_user, changed=False)
    Service.objects.filter(pk=service.pk).update(has_unpublished_changes=False)
    if not service.live and service.first_published_at is None:
        catalogue.withdraw(service=service, on=on, by_user=by_user)
    state.cancel(user=by_user)


def draft(service: Service) -> Service:
    """Return the latest draft of a service, or the service where it has none."""
    found: Service = service.get_latest_revision_as_object()
    return found


def of(service: Service) -> list[differences.Difference]:
    """Return what the latest draft changes, field by field; all it says where it is new."""
    if not service.has_unpublished_changes and service.live:
        return []
    standing = Service.objects.get(pk=service.pk)
    return differences.between(before=standing if standing.live else None, after=draft(service))


def standing(service: Service) -> Standing | None:
    """Return where the last proposal for an entry stands: two queries."""
    state = service.workflow_states.order_by("-created_at", "-pk").first()
    if not isinstance(state, WorkflowState):
        return None
    last = state.task_states.order_by("-started_at", "-pk").first()
    said = last is not None and last.status == TaskState.STATUS_REJECTED
    return Standing(
        state=state.status,
        comment=last.comment if last and (said or last.comment) else "",
        at=(last.finished_at or last.started_at) if last else None,
    )
