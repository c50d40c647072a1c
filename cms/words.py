"""Words as the search sees them: split, stemmed and mended. Imports no Django.

A light stemmer of our own, used at index and at search, so that both databases agree:
swim, swims, swimming and swimmer are one word. It need not be right; it must be the same twice.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)*")
VOWEL = re.compile(r"[aeiouy]")
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

# Words that the rules below would split apart, or run together with a stranger.
EXCEPTIONS = {
    "anger": "anger",
    "angry": "anger",
    "autistic": "autism",
    "care": "care",
    "cared": "care",
    "carer": "care",
    "caring": "care",
    "children": "child",
    "childrens": "child",
    "dad": "father",
    "diagnosis": "diagnos",
    "diet": "diet",
    "family": "family",
    "father": "father",
    "feet": "foot",
    "kid": "child",
    "lives": "life",
    "men": "man",
    "mother": "mother",
    "mum": "mother",
    "people": "person",
    "school": "school",
    "teeth": "tooth",
    "used": "use",
    "user": "use",
    "using": "use",
    "women": "woman",
    "young": "young",
    "youth": "young",
}

# (ending, what takes its place, letters that must stay in front of it), the longest first.
ENDINGS: Sequence[tuple[str, str, int]] = (
    ("lessness", "less", 3),
    ("fulness", "", 3),
    ("bility", "bl", 3),
    ("iness", "y", 3),
    ("ation", "", 4),
    ("ating", "", 4),
    ("ated", "", 4),
    ("ness", "", 3),
    ("ment", "", 4),
    ("ence", "", 4),
    ("ency", "", 4),
    ("ancy", "", 4),
    ("ance", "", 4),
    ("able", "", 4),
    ("ible", "", 4),
    ("ful", "", 3),
    ("ing", "", 3),
    ("ied", "y", 3),
    ("ion", "", 4),
    ("ive", "", 4),
    ("ent", "", 4),
    ("ant", "", 4),
    ("ate", "", 4),
    ("ed", "", 3),
    ("er", "", 3),
    ("or", "", 5),
    ("ly", "", 4),
    ("al", "", 4),
)


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


def stem(word: str) -> str:
    """Return what a word and its relations have in common: swimming, swimmer → swim."""
    if word in EXCEPTIONS:
        return EXCEPTIONS[word]
    word = singular(word)
    if word in EXCEPTIONS:
        return EXCEPTIONS[word]
    if len(word) <= 3 or not word.isalpha():
        return word
    for _again in range(3):
        word = shorten(word)
    return tidy(word)


def singular(word: str) -> str:
    """Return a plural's singular."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes", "zes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def shorten(word: str) -> str:
    """Take one ending off a word."""
    if word.endswith("eed"):
        return word
    for ending, instead, letters in ENDINGS:
        if word.endswith(ending):
            rest = word[: -len(ending)]
            if len(rest) >= letters and VOWEL.search(rest):
                return rest + instead
    return word


def tidy(word: str) -> str:
    """Even out how a stem ends: no silent e, no doubled letter."""
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


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


def slips(one: str, other: str, most: int) -> int:
    """Count the typing mistakes between two words; `most` + 1 where there are more.

    A letter too many, too few, wrong, or two changed over (optimal string alignment).
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    cost: int
    above = [*range(len(other) + 1)]
    for row, letter in enumerate(one, start=1):
        here = [row]
        for column, against in enumerate(other, start=1):
            cost = min(
                above[column] + 1, here[column - 1] + 1, above[column - 1] + (letter != against)
            )
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            here.append(cost)
        if min(here) > most:
            return most + 1
        before, above = above, here
    found: int = min(above[-1], most + 1)
    return found


def nearest(word: str, vocabulary: Iterable[str], *, most: int = 5) -> list[str]:
    """Return the likeliest words meant by a misspelt one, the likeliest first."""
    allowed = slips_allowed(word)
    if not allowed:
        return []
    letters = set(word)
    found = []
    for known in vocabulary:
        # Each slip changes at most two of the letters used: a cheap look before the dear one.
        if len(letters ^ set(known)) > 2 * allowed:
            continue
        count = slips(word, known, allowed)
        if count <= allowed:
            found.append((count, known[0] != word[0], abs(len(known) - len(word)), known))
    return [known for *_, known in sorted(found)[:most]]
