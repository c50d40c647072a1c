"""The interrupt's question, before every form: no page has to remember to ask it."""

import re
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.loader import render_to_string
from django.urls import reverse

from budgets.models import Family, Person
from marketplace.pages.templatetags import alongside

register = template.Library()

FORM = re.compile(r"""<form\b[^>]*\bmethod=["']post["']""", re.IGNORECASE)
ASKED = 'class="interrupt'
"""A page that asks at length does not ask twice, nor one that is come to from there."""

ALSO = {"admin": "commissioner", "beside": "beside"}
"""Administrators have no front door of their own, and whom somebody chose no look of her own."""


class Interrupted(template.Node):
    """Some content, with the question before it where there is a form in it."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> str:
        """Render the content, and ask first whether somebody is in danger."""
        content = self.nodelist.render(context)
        request = context.get("request")
        was_asked = ASKED in content or (request is not None and request.GET.get("safe") == "yes")
        if was_asked or not FORM.search(content):
            return content
        return question(context) + content


@register.tag
def interrupted(parser: template.base.Parser, token: template.base.Token) -> Interrupted:
    """Ask before any form between this tag and `endinterrupted`."""
    nodelist = parser.parse(("endinterrupted",))
    parser.delete_first_token()
    return Interrupted(nodelist)


def question(context: template.Context) -> str:
    """Return the question for whose page it is; nothing for who is not signed in."""
    request, user = context.get("request"), context.get("user")
    area = alongside.area_of_page(context)
    if area == "public":
        area = ALSO.get(str(context.get("door")), "")
    if request is None or not getattr(user, "is_authenticated", False) or not area:
        return ""
    query = urlencode({**about(context), "back": request.get_full_path()})
    return render_to_string(
        "components/interrupt_question.html", {"href": f"{reverse(f'{area}_danger')}?{query}"}
    )


def about(context: template.Context) -> dict[str, str]:
    """Return whom a page is about, as far as it knows without asking the database."""
    person = _person(context.get("person")) or _person(context.get("referral"))
    if person is not None:
        return {"person": str(person.reference)}
    family = context.get("family")
    return {"family": str(family.reference)} if isinstance(family, Family) else {}


def _person(found: Any) -> Person | None:
    if isinstance(found, Person):
        return found
    state = getattr(found, "_state", None)
    person = state.fields_cache.get("person") if state is not None else None
    return person if isinstance(person, Person) else None
