"""What a catalogue editor may do in Wagtail, and the workflow a proposal goes through.

Installed after every migration, safe to repeat: permissions are there only then.
"""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import (
    GroupPagePermission,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
)

from cms.models import GuideIndexPage, Organisation, Place, Problem, Service, Term
from cms.models.approval import GuideApproval, OwnerApproval

GROUP = "Catalogue editors"
WORKFLOW = "Owner approves"
GUIDES_WORKFLOW = "Another editor approves"
# Guides and the glossary are everybody's: written by any editor, published by another.
PAGE_ABILITIES = ("add_page", "change_page")
ABILITIES = {
    Service: ("view", "add", "change", "publish", "lock", "unlock"),
    Organisation: ("view", "change"),
    Place: ("view", "add", "change"),
    Problem: ("view", "change"),
    Term: ("view",),
}


@transaction.atomic
def install(**kwargs: object) -> None:
    """Bring the editors' group and the workflow to what they should be."""
    group, _is_new = Group.objects.get_or_create(name=GROUP)
    group.permissions.set(
        [
            door(),
            *(
                permission(ContentType.objects.get_for_model(model), ability, model.__name__)
                for model, abilities in ABILITIES.items()
                for ability in abilities
            ),
        ]
    )
    install_workflow()
    for index in GuideIndexPage.objects.all():
        open_guides(index)


@transaction.atomic
def open_guides(index: GuideIndexPage) -> None:
    """Let editors write below the list of guides, and publish what another editor approved."""
    group, _is_new = Group.objects.get_or_create(name=GROUP)
    for codename in PAGE_ABILITIES:
        allowed = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
        GroupPagePermission.objects.get_or_create(group=group, page=index, permission=allowed)
    if WorkflowPage.objects.filter(page=index).exists():
        return
    task = GuideApproval.objects.first() or GuideApproval.objects.create(name=GUIDES_WORKFLOW)
    workflow, is_new = Workflow.objects.get_or_create(name=GUIDES_WORKFLOW)
    if is_new:
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.create(page=index, workflow=workflow)


def door() -> Permission:
    """Return the permission to enter `/cms/` at all."""
    content_type, _is_new = ContentType.objects.get_or_create(
        app_label="wagtailadmin", model="admin"
    )
    found, _is_new = Permission.objects.get_or_create(
        content_type=content_type,
        codename="access_admin",
        defaults={"name": "Can access Wagtail admin"},
    )
    return found


def permission(content_type: ContentType, ability: str, name: str) -> Permission:
    """Return a permission, made where Django or Wagtail has not yet come to it."""
    found, _is_new = Permission.objects.get_or_create(
        content_type=content_type,
        codename=f"{ability}_{content_type.model}",
        defaults={"name": f"Can {ability} {name.lower()}"},
    )
    return found


def install_workflow() -> None:
    """Give services the workflow, once: an administrator may change it afterwards."""
    if OwnerApproval.objects.exists():
        return
    task = OwnerApproval.objects.create(name=WORKFLOW)
    workflow = Workflow.objects.create(name=WORKFLOW)
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowContentType.objects.get_or_create(
        content_type=ContentType.objects.get_for_model(Service), defaults={"workflow": workflow}
    )
