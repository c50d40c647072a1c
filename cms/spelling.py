"""What somebody's words mean in this catalogue, misspelt ones mended."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from cms import words as language
from cms.models import Mention, Word

MOST_WORDS = 12
MOST_WEIGHT = 8


@dataclass(frozen=True)
class Understood:
    """What the search made of somebody's words; `mended` is (as typed, as understood).

    `weights` are how much each of the stems says here: the rarer, the more. A stem that nobody
    says weighs nothing.
    """

    stems: tuple[str, ...]
    mended: tuple[tuple[str, str], ...] = ()
    weights: tuple[int, ...] = ()

    @property
    def known(self) -> dict[str, int]:
        """Return the stems that some listing says, with their weights."""
        return {
            stem: weight for stem, weight in zip(self.stems, self.weights, strict=True) if weight
        }


def understand(text: str) -> Understood:
    """Return what somebody's words mean here: one query, and two more to mend misspelt ones."""
    asked = {word: language.stem(word) for word in language.split(text)[:MOST_WORDS]}
    if not asked:
        return Understood(())
    counts = how_often(asked.values())
    mended, more = mend([word for word, stem in asked.items() if stem not in counts])
    counts |= more
    meant = language.strong([mended.get(word, word) for word in asked])
    stems = language.unique(map(language.stem, meant))
    return Understood(tuple(stems), tuple(mended.items()), tuple(weigh(stems, counts)))


def weigh(stems: Sequence[str], counts: Mapping[str, int]) -> list[int]:
    """Return how much each stem says beside the commonest: one, and one more each time halved."""
    most = max((counts.get(stem, 0) for stem in stems), default=0)
    return [
        min((most // counts[stem]).bit_length(), MOST_WEIGHT) if counts.get(stem) else 0
        for stem in stems
    ]


def mend(strange: Sequence[str]) -> tuple[dict[str, str], dict[str, int]]:
    """Return what misspelt words were most likely meant to be, and how often those are said."""
    slips = {word: allowed for word in strange if (allowed := language.slips_allowed(word))}
    if not slips:
        return {}, {}
    lengths = {
        len(word) + more for word, allowed in slips.items() for more in range(-allowed, allowed + 1)
    }
    vocabulary = [
        *Word.objects.filter(length__in=lengths).order_by("text").values_list("text", flat=True)
    ]
    likely = {word: language.nearest(word, vocabulary) for word in slips}
    counts = how_often(language.stem(found) for each in likely.values() for found, _slips in each)
    chosen = {}
    for word, candidates in likely.items():
        # A word that has left the catalogue is no mending; among equals the commoner one wins.
        standing = [each for each in candidates if language.stem(each[0]) in counts]
        if standing:
            chosen[word] = min(standing, key=fits(word, counts))[0]
    return chosen, counts


def fits(
    word: str, counts: Mapping[str, int]
) -> Callable[[tuple[str, int]], tuple[int, bool, int, str]]:
    """Return how well a known word stands for a misspelt one: the least is best."""

    def fit(each: tuple[str, int]) -> tuple[int, bool, int, str]:
        found, slips = each
        return slips, found[0] != word[0], -counts[language.stem(found)], found

    return fit


def how_often(stems: Iterable[str]) -> dict[str, int]:
    """Return how many listings say each stem, in one query; those said by none are left out."""
    wanted = sorted(set(stems))
    if not wanted:
        return {}
    rows = Mention.objects.filter(stem__in=wanted).order_by().values_list("stem")
    return dict(rows.annotate(count=Count("stem")))
