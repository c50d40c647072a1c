"""Tells who waits for whom about proposals: Wagtail says what happened by signal only.

A proposal is sent by a provider's page, by an editor's form or by its resuming, and answered in
`/cms/`: all of them pass here, in the transaction of the act.
"""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_rejected, task_submitted, workflow_approved, workflow_cancelled

from cms.models import Service
from marketplace.notices import notices
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role

SUBJECT = "proposal"


@receiver(task_submitted, sender=TaskState, dispatch_uid="pages.proposal_sent")
def proposal_sent(sender: type[TaskState], instance: TaskState, **kwargs: Any) -> None:
    """Tell the owner's editors that something waits for them; not who wrote it herself."""
    service, at = instance.workflow_state.content_object, timezone.now()
    if not isinstance(service, Service):
        return
    keepers = [service.owner_id, service.owner.kept_by_id]
    held = Membership.objects.on(timezone.localdate(at)).filter(
        organisation__in=[key for key in keepers if key], role=Role.EDITOR
    )
    writer = instance.revision.user_id
    editors = User.objects.filter(memberships__in=held).distinct().order_by("pk")
    users = [user for user in editors if user.pk != writer]
    _tell(users, service, "proposal_for_you", at)


@receiver(task_rejected, sender=TaskState, dispatch_uid="pages.proposal_sent_back")
def proposal_sent_back(sender: type[TaskState], instance: TaskState, **kwargs: Any) -> None:
    """Tell who wrote a proposal that its owner asked for changes, or turned it down."""
    _answered(instance.workflow_state)


@receiver(workflow_approved, sender=WorkflowState, dispatch_uid="pages.proposal_approved")
def proposal_approved(sender: type[WorkflowState], instance: WorkflowState, **kwargs: Any) -> None:
    """Tell who wrote a proposal that it is published."""
    _answered(instance)


@receiver(workflow_cancelled, sender=WorkflowState, dispatch_uid="pages.proposal_cancelled")
def proposal_cancelled(sender: type[WorkflowState], instance: WorkflowState, **kwargs: Any) -> None:
    """Tell who wrote a proposal that an editor published the entry herself."""
    if not instance.task_states.filter(status=TaskState.STATUS_REJECTED).exists():
        _answered(instance)


def _answered(state: WorkflowState) -> None:
    service, at = state.content_object, timezone.now()
    if not isinstance(service, Service):
        return
    written = state.task_states.values("revision__user")
    at_work = Membership.objects.on(timezone.localdate(at)).filter(organisation=service.provider_id)
    users = User.objects.filter(pk__in=written, memberships__in=at_work).distinct().order_by("pk")
    _tell(users, service, "proposal_answered", at)


def _tell(users: Any, service: Service, kind: str, at: Any) -> None:
    notices.tell(users=users, kind=kind, subject_kind=SUBJECT, subject=service.reference, at=at)
