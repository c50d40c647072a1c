"""The family's front page: five questions, and first of all what waits for a yes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from budgets import funds
from marketplace.notices import topics
from marketplace.pages import doors
from marketplace.pages.family import household, money, saved, sharing, stories, who_helps
from marketplace.referrals.models import Referral

# Five answers have to fit on two screens of a phone, whatever waits for the family.
MOST_SHOWN = 3
MOST_PEOPLE = 2
MOST_BEGUN = 2


@doors.family
def page(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Answer: what is left, what is set aside, who helps, what is next, who can see this."""
    home = household.of(visit)
    year = funds.year_of(visit.today)
    told = stories.tell(
        stories.fetched(visit.visible(Referral.objects.open())), visit=visit, home=home
    )
    coming = sorted(
        (story for story in told if story.next_session),
        key=lambda story: story.upcoming[0].starts_at,
    )
    waiting = [story for story in told if story.due is not None and not story.is_theirs]
    people = who_helps.people(visit, home)
    places = who_helps.places(told)
    plan = home.plan
    theirs = [story for story in told if story.is_theirs]
    room = MOST_SHOWN - 1 if theirs else MOST_SHOWN
    set_aside = money.set_aside(visit, home, plan, year) if plan else []
    return render(
        request,
        "family/home.html",
        {
            "home": home,
            "money": money.of(visit, plan, year=year) if plan else None,
            "set_aside": set_aside[:room],
            "more_set_aside": max(len(set_aside) - room, 0),
            "theirs": theirs[:1],
            "begun": saved.waiting(visit, home)[:MOST_BEGUN],
            "more_theirs": len(theirs) - 1,
            "coming": coming[: room - 1],
            "waiting": sorted(waiting, key=_when)[:1],
            "people": people[:MOST_PEOPLE],
            "helping": len(people) + len(places),
            "seers": len(sharing.seers(visit, home)),
            "live_topics": topics.plan(home.family.reference) if home.family else "",
        },
    )


def _when(story: stories.Story) -> tuple[bool, object]:
    assert story.due is not None  # only stories with something due are sorted
    return (not story.due.is_late, story.due.on)
