"""The owner's approval of what a provider proposes, as a task of Wagtail's workflow."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import RevisionMixin, Task, TaskState

Actions = list[tuple[str, str, bool]]


class OwnerApproval(Task):
    """Editors of the entry's owner approve it, or ask for changes.

    Who they are is known above this room: the gate in front of `/cms/` lets nobody else near.
    """

    class Meta:
        verbose_name = gettext_lazy("owner's approval")
        verbose_name_plural = gettext_lazy("owners' approvals")

    def is_approver(self, user: AbstractBaseUser) -> bool:
        """Say whether somebody may publish services at all."""
        return isinstance(user, PermissionsMixin) and user.has_perm("cms.publish_service")

    def user_can_access_editor(self, obj: models.Model, user: AbstractBaseUser) -> bool:
        """Say whether somebody may open what waits for approval."""
        return self.is_approver(user)

    def locked_for_user(self, obj: models.Model, user: AbstractBaseUser) -> bool:
        """Say whether what waits for approval is locked for somebody."""
        return not self.is_approver(user)

    def get_actions(self, obj: models.Model, user: AbstractBaseUser) -> Actions:
        """Return what an approver may do: (action, words, whether it asks for a comment)."""
        if not self.is_approver(user):
            return []
        return [
            ("reject", _("Ask for changes"), True),
            ("approve", _("Approve and publish"), False),
        ]

    def get_task_states_user_can_moderate(
        self, user: AbstractBaseUser, **kwargs: object
    ) -> models.QuerySet[TaskState]:
        """Return what waits for somebody's approval."""
        if not self.is_approver(user):
            return TaskState.objects.none()
        waiting: models.QuerySet[TaskState] = TaskState.objects.filter(
            status=TaskState.STATUS_IN_PROGRESS, task=self
        )
        return waiting

    @classmethod
    def get_description(cls) -> str:
        """Describe the task to whoever builds a workflow."""
        return _("Editors of the organisation that owns the entry approve it.")


class GuideApproval(Task):
    """Another editor than the one who wrote it reads a guide or the glossary before everybody does.

    They belong to all owners together, so nobody publishes her own words alone.
    """

    class Meta:
        verbose_name = gettext_lazy("another editor's approval")
        verbose_name_plural = gettext_lazy("other editors' approvals")

    def is_approver(self, obj: models.Model, user: AbstractBaseUser) -> bool:
        """Say whether somebody is an editor, and did not write what waits."""
        if not isinstance(user, PermissionsMixin) or not user.has_perm("cms.publish_service"):
            return False
        if user.is_superuser:
            return True
        written = obj.get_latest_revision() if isinstance(obj, RevisionMixin) else None
        return written is None or written.user_id != user.pk

    def user_can_access_editor(self, obj: models.Model, user: AbstractBaseUser) -> bool:
        """Say whether somebody may open what waits for approval."""
        return self.is_approver(obj, user)

    def locked_for_user(self, obj: models.Model, user: AbstractBaseUser) -> bool:
        """Say whether what waits for approval is locked: never, for who may write it at all."""
        return False

    def get_actions(self, obj: models.Model, user: AbstractBaseUser) -> Actions:
        """Return what an approver may do: (action, words, whether it asks for a comment)."""
        if not self.is_approver(obj, user):
            return []
        return [
            ("reject", _("Ask for changes"), True),
            ("approve", _("Approve and publish"), False),
        ]

    def get_task_states_user_can_moderate(
        self, user: AbstractBaseUser, **kwargs: object
    ) -> models.QuerySet[TaskState]:
        """Return what others wrote and waits for approval."""
        if not isinstance(user, PermissionsMixin) or not user.has_perm("cms.publish_service"):
            return TaskState.objects.none()
        waiting: models.QuerySet[TaskState] = TaskState.objects.filter(
            status=TaskState.STATUS_IN_PROGRESS, task=self
        )
        if user.is_superuser:
            return waiting
        return waiting.exclude(revision__user_id=user.pk)

    @classmethod
    def get_description(cls) -> str:
        """Describe the task to whoever builds a workflow."""
        return _("Another editor than whoever wrote it approves it.")
