"""Words as the search sees them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms import words

pytestmark = pytest.mark.once

RELATIONS = [
    "swim swims swimming swimmer swimmers",
    "counsel counselling counsellor counsellors counseling",
    "parent parents parenting parent's",
    "house houses housing",
    "addict addicts addiction addicted",
    "depress depression depressed",
    "abuse abusive abuser abused",
    "violence violent",
    "disability disabilities disabled",
    "lonely loneliness",
    "bully bullying bullied bullies",
    "pregnant pregnancy",
    "carer carers",
    "child children children's kids",
    "family families",
    "mother mum mums",
    "mentor mentors mentoring",
    "behaviour behavioural behaviours",
    "emotion emotional emotionally",
    "isolate isolated isolation",
    "bake baking baker",
    "autism autistic",
    "angry anger",
    "diagnose diagnosis",
    "train training trainer",
]


@pytest.mark.parametrize("relations", RELATIONS)
def test_words_that_belong_together_have_one_stem(relations: str) -> None:
    assert len({words.stem(word) for word in words.split(relations)}) == 1, relations


@pytest.mark.parametrize(
    "strangers",
    ["mentor mental", "care carer", "family fame", "use us", "school scholar", "parent part"],
)
def test_strangers_keep_their_own_stems(strangers: str) -> None:
    assert len({words.stem(word) for word in strangers.split()}) == 2


def test_splitting_leaves_out_stop_words_case_accents_and_marks() -> None:
    assert words.split("I need the CAFÉ's help, don’t I?") == ["cafe", "help"]


def test_weak_words_count_only_when_nothing_else_is_said() -> None:
    assert words.strong(["help", "swimming"]) == ["swimming"]
    assert words.strong(["family", "support"]) == ["family", "support"]


@given(st.text(max_size=80))
def test_any_text_at_all_can_be_split_and_stemmed(text: str) -> None:
    for word in words.split(text):
        assert word
        assert len(word) <= words.LONGEST
        assert words.stem(word)
        assert words.stem(word) == words.stem(word)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("councilling", "counselling"),
        ("hosuing", "housing"),
        ("adiction", "addiction"),
        ("lonley", "lonely"),
    ],
)
def test_the_nearest_word_is_the_one_that_was_meant(typed: str, meant: str) -> None:
    vocabulary = ["addiction", "cooking", "council", "counselling", "housing", "lonely", "nursing"]
    assert words.nearest(typed, vocabulary)[0][0] == meant


def test_two_letters_changed_over_are_one_mistake_and_too_many_are_no_likeness() -> None:
    assert words.nearest("hosuing", ["housing"]) == [("housing", 1)]
    assert words.nearest("councilling", ["counselling"]) == [("counselling", 2)]
    assert words.nearest("cattle", ["dragon"]) == []


def test_short_words_and_numbers_are_not_mended() -> None:
    assert words.nearest("cat", ["car"]) == []
    assert words.nearest("11111", ["11112"]) == []
