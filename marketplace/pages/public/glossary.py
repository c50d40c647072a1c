"""The common language, for everyone (report §3.1.6)."""

from django.http import Http404, HttpRequest, HttpResponse

from cms.models import GlossaryPage


def glossary(request: HttpRequest) -> HttpResponse:
    """Show the glossary that the editors keep."""
    page = GlossaryPage.objects.live().order_by("pk").first()
    if page is None:
        raise Http404
    answer: HttpResponse = page.serve(request)
    return answer
