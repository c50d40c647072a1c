"""The mentor behind an entry, for any page that shows one."""

from django import template

from cms.models import Service
from marketplace.pages import mentors_shown

register = template.Library()


@register.simple_tag
def mentor_of(service: Service) -> mentors_shown.Shown | None:
    """Return who is behind an entry, as everybody may see her."""
    return mentors_shown.of(service)
