"""Draws the ladder from its code: a picture, and the same as a table (`manage.py draw_ladder`)."""

from collections.abc import Iterable
from html import escape

from cms.models import Step
from marketplace.referrals import graph
from marketplace.referrals.models import Rung
from marketplace.referrals.models.referral import CLIMB, ENDS

WIDTH, BOX, HIGH, GAP, LEFT, TOP = 1120, 250, 58, 122, 300, 96
BUS, BUS_GAP = 700, 100
INK, LINE, DOWN = "#1d2b3a", "#2f6f6a", "#a4552a"
COLOURS = {
    Rung.COMPLETED: "#2f6f6a",
    Rung.DECLINED: "#9b2c2c",
    Rung.WITHDRAWN: "#5b4a8a",
    Rung.EXPIRED: "#6b6b6b",
}
BOTTOM = TOP + GAP * (len(CLIMB) - 1) + HIGH
HEIGHT = BOTTOM + 150


def svg() -> str:
    """Return the picture: rungs upward, steps down at their left, ends at their right."""
    arrows = graph.arrows()
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-labelledby="title says" '
        'font-family="Inter, Segoe UI, Helvetica, Arial, sans-serif">',
        '<title id="title">The ladder of a referral</title>',
        f'<desc id="says">{escape(_sentence(arrows))}</desc>',
        "<defs>"
        + "".join(_head(f"to-{name}", colour) for name, colour in _heads().items())
        + "</defs>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbfaf7"/>',
        _text(40, 44, "The ladder: a referral’s rungs, and every arrow between them", size=22),
        _text(40, 70, "Drawn from the code by manage.py draw_ladder.", size=14, weight=400),
        *(_rung(rung) for rung in CLIMB),
        *(_climb(arrow) for arrow in arrows if _is_climb(arrow)),
        *(_descent(arrow) for arrow in arrows if _is_descent(arrow)),
        *(_end(rung, [one for one in arrows if one.target == rung]) for rung in ENDS),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def table() -> str:
    """Return the same as a page of Markdown: rungs, arrows, the steps that earn them, and who."""
    lines = [
        "# The ladder",
        "",
        "Drawn from the code by `manage.py draw_ladder`; a test fails where it is out of date.",
        "",
        "![The ladder of a referral](ladder.svg)",
        "",
        "| from | to | arrow | steps that earn it | who | what happens |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| `{arrow.source}` | `{arrow.target}` | {arrow.name} | {_steps(arrow) or '–'} "
            f"| {arrow.who} | {arrow.words} |"
            for arrow in graph.arrows()
        ),
        "",
        "A service needs some of these steps, in an order of its own; a step it does not need is",
        "passed, with that as its reason. " + _unrung() + " moves no rung by itself.",
    ]
    return "\n".join(lines) + "\n"


def _unrung() -> str:
    earning = {step for arrow in graph.arrows() for step in arrow.steps}
    return ", ".join(f"*{step.label}*" for step in Step if step not in earning)


def _sentence(arrows: Iterable[graph.Arrow]) -> str:
    return " ".join(f"{one.source} to {one.target} by {one.name}." for one in arrows)


def _steps(arrow: graph.Arrow) -> str:
    return ", ".join(str(step.label).lower() for step in arrow.steps)


def _is_climb(arrow: graph.Arrow) -> bool:
    return arrow.target in CLIMB and CLIMB.index(arrow.target) > CLIMB.index(arrow.source)


def _is_descent(arrow: graph.Arrow) -> bool:
    return arrow.target in CLIMB and CLIMB.index(arrow.target) < CLIMB.index(arrow.source)


def _heads() -> dict[str, str]:
    return {"up": LINE, "down": DOWN, **{str(end): COLOURS[end] for end in ENDS}}


def _head(name: str, colour: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
        f'markerHeight="8" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" '
        f'fill="{colour}"/></marker>'
    )


def _text(
    x: int, y: int, words: str, *, size: int = 15, weight: int = 600, fill: str = INK,
    anchor: str = "start",
) -> str:  # fmt: skip
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{escape(words)}</text>'
    )


def _line(path: str, colour: str, marker: str = "", dash: str = "") -> str:
    end = f' marker-end="url(#to-{marker})"' if marker else ""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}{end}/>'


def _y(rung: Rung) -> int:
    return TOP + GAP * (len(CLIMB) - 1 - CLIMB.index(rung))


def _rung(rung: Rung) -> str:
    y = _y(rung)
    number = f"{CLIMB.index(rung) + 1}. {str(rung).replace('_', ' ')}"
    return (
        f'<rect x="{LEFT}" y="{y}" width="{BOX}" height="{HIGH}" rx="10" fill="#fff" '
        f'stroke="{INK}" stroke-width="2"/>'
        + _text(LEFT + 18, y + 25, number, size=17)
        + _text(LEFT + 18, y + 46, str(rung.label), size=14, weight=400)
    )


def _climb(arrow: graph.Arrow) -> str:
    x, below, above = LEFT + 40, _y(arrow.source), _y(arrow.target) + HIGH
    words = f"{arrow.name}: {_steps(arrow)}" if arrow.steps else arrow.name
    return _line(f"M{x} {below} V{above + 2}", LINE, "up") + _text(
        x + 14, (below + above) // 2 + 5, words, size=14, fill=LINE
    )


def _descent(arrow: graph.Arrow) -> str:
    start, stop = _y(arrow.source) + HIGH // 2, _y(arrow.target) + HIGH // 2
    path = f"M{LEFT} {start} C{LEFT - 70} {start} {LEFT - 70} {stop} {LEFT - 3} {stop}"
    words = arrow.name.replace("_", " ")
    return _line(path, DOWN, "down", dash="6 4") + _text(
        LEFT - 64, (start + stop) // 2 + 5, words, size=14, fill=DOWN, anchor="end"
    )


def _end(rung: Rung, arrows: list[graph.Arrow]) -> str:
    """Draw one end: a line down that every rung with an arrow to it joins."""
    number, colour = ENDS.index(rung), COLOURS[rung]
    x, box_y = BUS + BUS_GAP * number, BOTTOM + 60
    shift = (number - 1) * 8
    top = min(_y(one.source) for one in arrows) + HIGH // 2 + shift
    parts = [_line(f"M{x} {top} V{box_y - 2}", colour, str(rung))]
    for one in arrows:
        y = _y(one.source) + HIGH // 2 + shift
        parts.append(_line(f"M{LEFT + BOX} {y} H{x}", colour))
        parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')
    name = arrows[0].name
    parts.append(
        f'<rect x="{x - 46}" y="{box_y}" width="92" height="44" rx="10" fill="{colour}"/>'
        + _text(x, box_y + 27, str(rung), size=14, fill="#fff", anchor="middle")
        + _text(x, box_y + 64, name, size=14, fill=colour, anchor="middle")
    )
    return "\n".join(parts)
