"""Lists of work: filters that stay as they were left, and acting on several at once."""

import uuid
from collections.abc import Callable, Iterable

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.pages import doors

KEY = "lists"
MOST = 50
"""As many at once, and no more: a page has twenty."""

LONGEST = 400


class Narrowing(forms.Form):
    """How a list is narrowed: nothing in it is said to be optional."""

    is_filter = True


def as_left(
    request: HttpRequest, name: str, *, always: Iterable[str] = ()
) -> HttpResponseRedirect | None:
    """Remember how a list is narrowed; return where it leads as it was left, or None to show it.

    The address says everything, so that it can be sent to a colleague; the session only remembers
    it. `always` names what says which list it is. `?clear=1` forgets.
    """
    kept = dict(request.session.get(KEY, {}))
    said = _narrowed(request.GET, but=("page", "clear", *always))
    if "clear" in request.GET or any(key not in ("page", *always) for key in request.GET):
        _remember(request, name, said, kept)
        return None
    if kept.get(name) and "page" not in request.GET:
        which = _narrowed(request.GET, but=())
        return HttpResponseRedirect(f"{request.path}?{'&'.join(filter(None, (which, kept[name])))}")
    return None


def chosen(request: HttpRequest) -> list[uuid.UUID]:
    """Return the references that were ticked, each once; what is none is left out."""
    found = []
    for said in dict.fromkeys(request.POST.getlist("chosen")):
        try:
            found.append(uuid.UUID(said))
        except ValueError:
            continue
    return found[:MOST]


def several(
    request: HttpRequest,
    visit: doors.Visit,
    rows: Iterable[tuple[str, Callable[[], object]]],
    *,
    back: str,
) -> HttpResponse:
    """Act on each of several, each on its own authority; each refusal is a line of its own.

    What is refused leaves no trace, and keeps nothing else from being done.
    """
    wanted = list(rows)
    if not wanted:
        messages.error(request, _("Tick at least one first."))
        return HttpResponseRedirect(back)
    done, refused = 0, []

    def act() -> str:
        nonlocal done
        for name, verb in wanted:
            try:
                with transaction.atomic():
                    verb()
            except doors.REFUSALS as refusal:
                refused.append(f"{name}: {refusal.sentence}")
            else:
                done += 1
        return back

    answer = doors.perform(request, visit, act, back=back)
    if done:
        said = ngettext("Done: %(count)s of them.", "Done: %(count)s of them.", done)
        messages.success(request, said % {"count": done})
    for line in refused:
        messages.error(request, line)
    return answer


def _narrowed(said: QueryDict, *, but: Iterable[str]) -> str:
    """Return what a list is narrowed by, without what was left empty."""
    kept = QueryDict(mutable=True)
    for key, values in said.lists():
        filled = [value for value in values if value]
        if key not in but and filled:
            kept.setlist(key, filled)
    return kept.urlencode()


def _remember(request: HttpRequest, name: str, said: str, kept: dict[str, str]) -> None:
    if kept.get(name, "") == said or len(said) > LONGEST:
        return
    kept[name] = said
    request.session[KEY] = kept
