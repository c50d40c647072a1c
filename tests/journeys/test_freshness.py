"""An entry grows old, its keeper gets a link, and one button lets it be bought again."""

import re
from datetime import date

from tests.journeys import browsing, place, walk
from tests.journeys.browsing import Visitor
from tests.journeys.conftest import Visit
from tests.journeys.place import Place

KAIS_PAGE = "/services/mentor-kai/"
# The clock cannot be turned, so the check is put back: then the night's work, and the post.
A_YEAR_AND_A_HALF_ON = """
import django
django.setup()
from datetime import timedelta
from django.conf import settings
from django.core import mail
from django.utils import timezone
from cms import freshness
from cms.models import Service
from marketplace.notices import entries, notices
settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
at = timezone.now()
long_ago = freshness.months_after(timezone.localdate(at), -18)
Service.objects.filter(slug="mentor-kai").update(checked_on=long_ago)
entries.nightly(at=at)
notices.sweep(at=at)
print("\\n".join(one.body for one in mail.outbox if one.to == ["dev@alongside.example"]))
"""


def link_of_kai(site: Place) -> str:
    """Let a year and a half pass for Kai's page; return the link in Dev's message."""
    letter = place.run(site.file, "-c", A_YEAR_AND_A_HALF_ON)
    found = re.search(rf"{walk.KAI}\n.*\n\S+?(/check/\S+)", letter)
    assert found, letter
    return found[1]


def last_check(site: Place) -> date:
    """Return when Kai's page was last checked."""
    ((found,),) = site.rows("SELECT checked_on FROM cms_service WHERE slug = 'mentor-kai'")
    return date.fromisoformat(found)


def ask_up_to_the_money(advocate: Visitor) -> None:
    """Ask for Kai for Jamie, and record the family's yes."""
    walk.open_household(advocate)
    walk.ask_for_kai(advocate)
    advocate.press("Decide: yes, they can have it")
    advocate.answer("Who said yes?", "Fred")
    advocate.page.get_by_label("On the phone").check()
    advocate.page.get_by_label("They told me so").check()
    advocate.press("Record the yes")


def test_what_grew_old_is_bought_again_once_its_keeper_says_it_is_right(
    visit: Visit, site: Place
) -> None:
    link, before = link_of_kai(site), last_check(site)
    anybody = visit(size=browsing.PHONE)
    anybody.open(KAIS_PAGE)
    anybody.sees("Nobody has checked this page since")
    amira = visit("Amira")
    ask_up_to_the_money(amira)
    amira.sees("Nobody has checked its page for 15 months")
    amira.sees("can check it")
    assert not amira.button("Set the money aside").count()

    keeper = visit(size=browsing.PHONE, has_javascript=False)
    for _time in range(2):  # a mail scanner first, then she
        assert keeper.open(link) == 200
        keeper.sees("Is this right: Kai")
    assert last_check(site) == before
    keeper.press("Yes, all of it is right today")
    keeper.sees("Thank you. That is done.")
    assert last_check(site) > before

    anybody.open(KAIS_PAGE)
    assert "Nobody has checked this page since" not in anybody.text()
    amira.page.reload()
    amira.press("Set the money aside")
    amira.sees("Step 5 of 6: Commissioned")
    assert walk.holds(site, amira.page.url) == [2_500] * 12
