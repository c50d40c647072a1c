"""Who may reach which entry in `/cms/`.

Wagtail checks permission for a kind of thing, never for one entry. So every address under `/cms/`
passes one gate: an editor reaches the entries of her own organisations, and all others are not
there. Lists and choosers are narrowed by the same rule.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import models
from django.db.models import Model, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils import timezone
from wagtail.models import GroupPagePermission
from wagtail.permission_policies.pages import PagePermissionPolicy

from cms import editors
from cms.models import Organisation, Place, Problem, Service, Term
from marketplace.people.models import Membership, User
from marketplace.people.roles import Role

View = Callable[..., HttpResponse]
Somebody = AbstractBaseUser | AnonymousUser

SNIPPETS = "wagtailsnippets_cms_"
CHOOSERS = "wagtailsnippetchoosers_cms_"
# They list entries by name whoever owns them, and there is no narrowing them.
ADMINISTRATORS_ONLY = frozenset({"wagtailadmin_reports", "wagtailadmin_workflows"})

# Wagtail's list of sign-ins holds those of families; workers' are kept in `/admin/`.
NOBODYS = "wagtailusers_users"
# It breaks on purpose, for whoever sets up Wagtail.
BROKEN = "wagtailadmin_error_test"


class EditorRights(BaseBackend):
    """Gives the editors' permissions to whoever is an editor somewhere today."""

    def get_group_permissions(self, user_obj: Somebody, obj: Model | None = None) -> set[str]:
        """Return the permissions of the editors' group, to editors; none to others."""
        if obj is not None or not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        kept = getattr(user_obj, "_editor_permissions", None)
        if kept is None:
            kept = permissions() if is_editor(user_obj) else set()
            # One page asks dozens of times; the user object lives as long as the request.
            vars(user_obj)["_editor_permissions"] = kept
        return kept


def permissions() -> set[str]:
    """Return what the editors' group may do."""
    rows = Permission.objects.filter(group__name=editors.GROUP).values_list(
        "content_type__app_label", "codename"
    )
    return {f"{label}.{codename}" for label, codename in rows}


def is_editor(user: User) -> bool:
    """Say whether somebody is a catalogue editor of any organisation today."""
    return memberships(user).exists()


def memberships(user: User) -> models.QuerySet[Membership]:
    """Return somebody's roles as an editor today."""
    found: models.QuerySet[Membership] = Membership.objects.on(timezone.localdate()).filter(
        user=user, role=Role.EDITOR
    )
    return found


def organisations(user: Somebody) -> models.QuerySet[Organisation]:
    """Return the organisations whose entries somebody edits: all, for an administrator.

    Her own, and those whose entries her own keeps.
    """
    if not isinstance(user, User) or not user.is_active:
        return Organisation.objects.none()
    if user.is_superuser:
        return Organisation.objects.all()
    own = memberships(user).values("organisation")
    return Organisation.objects.filter(Q(pk__in=own) | Q(kept_by__in=own))


def within_reach(model: type[Model], user: Somebody) -> models.QuerySet[Any]:
    """Return the entries of a kind that somebody may open, change or act on."""
    everything = model._default_manager.all()
    if isinstance(user, User) and user.is_active and user.is_superuser:
        return everything
    own = organisations(user)
    if model is Service:
        return everything.filter(owner__in=own)
    if model is Organisation:
        return everything.filter(pk__in=own)
    if model is Place:
        return everything.filter(organisation__in=own)
    if model is Problem:
        return everything.filter(Q(organisation__in=own) | Q(service__owner__in=own))
    return everything.none()


def to_choose(model: type[Model], user: Somebody) -> models.QuerySet[Any]:
    """Return the entries of a kind that somebody may name in her own: a provider, a place, a term.

    Beside her own these are who provides for her, their places, and the common terms.
    """
    reached = within_reach(model, user)
    providers = Organisation.objects.filter(services_provided__owner__in=organisations(user))
    if model is Organisation:
        return reached | model._default_manager.filter(pk__in=providers.values("pk"))
    if model is Place:
        return reached | model._default_manager.filter(organisation__in=providers.values("pk"))
    if model is Term and organisations(user).exists():
        return model._default_manager.all()
    return reached


def gate(view: View) -> View:
    """Put the gate before a view under `/cms/`."""

    @functools.wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and request.resolver_match is not None:
            must_be_within_reach(request, request.resolver_match)
            open_guides(request.user)
        return view(request, *args, **kwargs)

    return gated


def open_guides(user: Any) -> None:
    """Give an editor the group's rights to guides and the glossary, while she is one.

    Wagtail reads them of the groups that somebody is in; nobody is in this one (see EditorRights).
    """
    if not user.is_superuser and is_editor(user):
        allowed = GroupPagePermission.objects.filter(group__name=editors.GROUP)
        kept = [*allowed.select_related("page", "permission")]
        setattr(user, PagePermissionPolicy.permission_cache_name, kept)


def must_be_within_reach(request: HttpRequest, match: ResolverMatch) -> None:
    """Answer 404 to an address that names an entry out of the reader's reach."""
    user: Any = request.user
    if match.url_name == BROKEN or NOBODYS in match.namespaces:
        raise Http404
    if match.kwargs.get("app_label") == User._meta.app_label:
        raise Http404
    if ADMINISTRATORS_ONLY.intersection(match.namespaces) and not user.is_superuser:
        raise Http404
    model = model_named(match)
    if model is None:
        return
    # Nothing in the catalogue is deleted: withdrawn, or merged into another.
    if "delete" in (match.url_name, match.kwargs.get("action")):
        raise Http404
    keys = {*keys_named(request, match)}
    allowed = to_choose if is_choosing(match) else within_reach
    if keys and allowed(model, user).filter(pk__in=numbers(keys)).count() != len(keys):
        raise Http404


def is_choosing(match: ResolverMatch) -> bool:
    """Say whether an address belongs to a chooser."""
    return any(name.startswith(CHOOSERS) for name in match.namespaces)


def model_named(match: ResolverMatch) -> type[Model] | None:
    """Return the kind of entry that an address is about, where it is the catalogue's."""
    named = match.kwargs.get("model_name") if match.kwargs.get("app_label") == "cms" else None
    for namespace in match.namespaces:
        for prefix in (SNIPPETS, CHOOSERS):
            if namespace.startswith(prefix):
                named = namespace.removeprefix(prefix)
    try:
        return apps.get_model("cms", named) if named else None
    except LookupError as error:
        raise Http404 from error


def keys_named(request: HttpRequest, match: ResolverMatch) -> Iterable[str]:
    """Return the entries' keys in an address, and in the list that goes with some of them."""
    for name in ("pk", "object_id"):
        if name in match.kwargs:
            yield str(match.kwargs[name])
    if match.url_name in ("wagtail_bulk_action", "chosen_multiple"):
        # "all" is no number, so it is nobody's.
        yield from request.GET.getlist("id")


def numbers(keys: Iterable[str]) -> list[int]:
    """Return keys as row numbers; what is none is left out, and so is not reached."""
    return [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19]
