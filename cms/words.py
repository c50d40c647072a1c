"""Words as the search sees them: split, stemmed and mended. Imports no Django.

The same stems are used at index and at search, in Python, so that both databases agree: swim,
swims, swimming and swimmer are one word.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence

import snowballstemmer  # type: ignore[import-untyped]
from rapidfuzz import process
from rapidfuzz.distance import OSA

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)*")
LONGEST = 40

STOP_WORDS = """
    a about after all also am an and any are as at be because been before being but by can cannot
    could did do does doing don't dont down during each few for from further get got had has have
    having he her here hers him his how i i'd i'll i'm i've if in into is it it's its just like me
    more most my need needs no nor not of off on once only or other our ours out over own please
    same she should so some somebody someone something such than that the their theirs them then
    there these they this those through to too under until up us very want wants was we were what
    when where which while who whom why will with without would you your yours
"""
STOP = frozenset(STOP_WORDS.split())
# In a catalogue of help these say little: they count only when nothing else was asked.
WEAK_WORDS = """
    help helps helping support supports supporting service services family families
    people person group groups find looking
"""
WEAK = frozenset(WEAK_WORDS.split())

# What people say for one and the same thing: a line each, the first stands for all of them. The
# stemmer keeps these apart, or they are other words altogether.
SAME_WORDS = """
    anger angry
    autism autistic asd
    baby babies infant newborn
    baker baking bake
    benefits benefit
    child children childrens kid kids kiddies youngster
    counsellor counselling counsel counselor
    cry crying
    doctor gp surgery
    deaf deafness
    diagnosis diagnose diagnosed
    drink drinking drank drunk drinker booze boozing alcohol alcoholic
    father dad dads daddy
    fostering foster fostered
    friend mate pal
    girl girlfriend
    house home homes housing
    hurt hurting
    job work jobs working
    leaflet letter
    lonely loneliness
    money cash
    mother mum mums mummy mam
    pregnant pregnancy expecting
    row argument argue arguing
    sad sadness
    stealing steal stolen theft
    swim swimmer
    teenager teen teens teenage adolescent
    tooth teeth dentist
    trainer training train
    violence violent
    weed cannabis
    wheelchair wheelchairs
    woman women
    man men
    young youth
"""


def split(text: str) -> list[str]:
    """Return the words of a text in order: lower case, no accents, no stop words."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = []
    for word in WORD.findall(plain):
        if word in STOP:
            continue
        if word.endswith("'s"):
            word = word[:-2]
        word = word.replace("'", "")[:LONGEST]
        if word and word not in STOP:
            found.append(word)
    return found


@functools.lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return what a word and its relations have in common: swimming, swimmer → swim."""
    if word in SAME:
        return SAME[word]
    stemmed = _snowball(word)
    return SAME.get(stemmed, stemmed)


def _snowball(word: str) -> str:
    # A stemmer holds the word it is at, and pages are served in several threads: one for each call.
    return str(snowballstemmer.stemmer("english").stemWord(word))[:LONGEST]


def _same() -> dict[str, str]:
    """Return the stem of each word that is said for another, by the word and by its own stem."""
    found = {}
    for line in SAME_WORDS.strip().splitlines():
        first, *others = line.split()
        for word in (first, *others):
            found[word] = found[_snowball(word)] = _snowball(first)
    return found


SAME = _same()


def stems(text: str) -> list[str]:
    """Return the stems of a text, each once, in order."""
    return unique(stem(word) for word in split(text))


def strong(words: Sequence[str]) -> list[str]:
    """Return the words that say something; all of them where none does."""
    return [word for word in words if word not in WEAK] or [*words]


def unique(words: Iterable[str]) -> list[str]:
    """Return words, each once, in order."""
    return [*dict.fromkeys(words)]


def slips_allowed(word: str) -> int:
    """Return how many typing mistakes a word of its length may have."""
    if len(word) < 4 or not word.isalpha():
        return 0
    return 1 if len(word) < 7 else 2


def nearest(word: str, vocabulary: Sequence[str], *, most: int = 8) -> list[tuple[str, int]]:
    """Return the likeliest words meant by a misspelt one with how many mistakes, likeliest first.

    A mistake is a letter too many, too few, wrong, or two changed over (optimal string alignment).
    """
    allowed = slips_allowed(word)
    if not allowed:
        return []
    found = process.extract(
        word, vocabulary, scorer=OSA.distance, score_cutoff=allowed, limit=5 * most
    )
    likely = sorted(
        (int(count), known[0] != word[0], abs(len(known) - len(word)), known)
        for known, count, _place in found
    )
    return [(known, count) for count, _is_other, _longer, known in likely[:most]]
