"""Django's admin, for administrators: people who work here and their roles. No family is in it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from marketplace.people.models import Competence, Interest, Membership, User


class MembershipInline(admin.TabularInline[Membership, User]):
    """The roles somebody holds; ended, never deleted."""

    model = Membership
    extra = 0
    can_delete = False
    fields = ("organisation", "role", "starts_on", "ends_on")


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """Workers' sign-ins: invited, given roles, switched off. Never deleted: history names them."""

    list_display = ("name", "email", "is_active", "last_login")
    list_filter = ("is_active", "memberships__role")
    search_fields = ("name", "email")
    ordering = ("name", "pk")
    fields = ("name", "email", "is_active", "is_staff", "groups")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Leave out the sign-ins of families: they are nobody's list."""
        return super().get_queryset(request).filter(person__isnull=True)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted."""
        return False


@admin.register(Competence)
class CompetenceAdmin(admin.ModelAdmin[Competence]):
    """Qualifications, with who checked them."""

    list_display = ("user", "code", "checked_by", "starts_on", "ends_on")
    autocomplete_fields = ("user",)


@admin.register(Interest)
class InterestAdmin(admin.ModelAdmin[Interest]):
    """Organisations that a worker gains from."""

    list_display = ("user", "organisation", "starts_on", "ends_on")
    autocomplete_fields = ("user",)
