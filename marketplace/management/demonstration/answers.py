"""What a made-up family knows of itself, and what it answers to each question."""

from datetime import date, timedelta
from typing import Any

from budgets.models import Person
from cms.models import Question, QuestionKind
from marketplace.management.demonstration.homes import Home, data


def facts(home: Home, person: Person, day: date) -> dict[str, Any]:
    """Return the facts about somebody on a day, those of the household among them."""
    age = person.age_on(day) or 0
    ages = [child.age_on(day) or 0 for child in home.children]
    is_adult, needs = person in home.adults, home.needs
    is_first_child = person in home.children[:1]
    has_baby = "pregnancy_or_baby" in needs and person == home.adults[0] and age < 46
    return {
        "age": age,
        "district": home.family.district,
        "has_child_at_home": bool(ages),
        "has_child_aged_11_to_17": any(11 <= each <= 17 for each in ages),
        "is_tenant": "housing" in needs or home.number % 3 > 0,
        "housing_at_risk": "housing" in needs,
        "is_parent": is_adult,
        "has_disability": "physical_health" in needs and person == home.adults[0],
        "works": is_adult and "reliant_on_benefits" not in needs,
        "known_to_police": "crime_and_asb" in needs and age >= 10,
        "attends_school": 5 <= age <= 16,
        "school_attendance_percent": _attendance(home, age),
        "is_pregnant": has_baby and home.number % 2 == 0,
        "expects_or_has_baby": has_baby,
        "uses_drugs": "alcohol_or_drugs" in needs and person == home.adults[0],
        "has_autism": "autism" in needs and is_first_child,
        "is_carer": "caring" in needs and is_first_child and age >= 8,
    }


def answers(
    home: Home, person: Person, questions: list[Question], *, words: str, day: date
) -> dict[str, Any]:
    """Return somebody's answers: all that must be answered, and some of the others."""
    return {
        question.key: _answer(home, person, question, words=words, day=day)
        for question in questions
        if question.is_required or home.dice.random() < 0.5
    }


def _attendance(home: Home, age: int) -> int | None:
    if not 5 <= age <= 16:
        return None
    return 50 + home.number * 7 % 39 if "education" in home.needs else 96


def _answer(home: Home, person: Person, question: Question, *, words: str, day: date) -> Any:
    dice = home.dice
    if question.kind == QuestionKind.CHOICE:
        return dice.choice(question.choices)
    if question.kind == QuestionKind.YES_NO:
        return dice.random() < 0.6
    if question.kind == QuestionKind.NUMBER:
        return len(home.everybody)
    if question.kind == QuestionKind.DATE:
        return (day + timedelta(days=dice.randint(40, 200))).isoformat()
    if question.key == "children_ages":
        return ", ".join(str(child.age_on(day)) for child in home.children)
    return dice.choice(data()["said"].get(question.key, [words]))
