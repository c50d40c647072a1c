"""The glossary linked wherever a word of it is used, on pages that families and everybody read."""

from django import template
from django.http import HttpRequest
from django.urls import reverse

from cms import glossary
from marketplace.pages.templatetags import alongside

register = template.Library()

READ_BY_ALL = ("family", "public")


class Glossed(template.Node):
    """Some content, with the first use of each word of the glossary linked to its meaning."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> str:
        """Render the content, and link its words where families or everybody read them."""
        content = self.nodelist.render(context)
        request, href = _request(context), reverse("glossary")
        if (
            request is None
            or request.path == href
            or alongside.area_of_page(context) not in (READ_BY_ALL)
        ):
            return content
        return glossary.link(content, known=words(request), href=href)


@register.tag
def glossed(parser: template.base.Parser, token: template.base.Token) -> Glossed:
    """Link the words between this tag and `endglossed`."""
    nodelist = parser.parse(("endglossed",))
    parser.delete_first_token()
    return Glossed(nodelist)


@register.simple_tag(takes_context=True)
def term(context: template.Context, slug: str, text: str) -> str:
    """Link one word that people also say and mean something else by, where it is meant."""
    request = _request(context)
    if request is None:
        return str(text)
    return glossary.anchor(slug, str(text), known=words(request), href=reverse("glossary"))


def words(request: HttpRequest) -> glossary.Words:
    """Return the words of the glossary, asked for once a request."""
    known: glossary.Words | None = getattr(request, "glossary_words", None)
    if known is None:
        known = glossary.words()
        request.glossary_words = known  # type: ignore[attr-defined]
    return known


def _request(context: template.Context) -> HttpRequest | None:
    # Inside an include with `only` the context has lost the variable, and not the request.
    found = context.get("request") or getattr(context, "request", None)
    return found if isinstance(found, HttpRequest) else None
