"""Charts as SVG, without a script and without a style attribute. A chart never stands without its table.

The drawing stretches with the page; its words stand beside it as text, so that they do not stretch along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from markupsafe import Markup

WIDTH, HEIGHT, TOP = 600, 120, 8
STEPS = (1, 2, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its title and its values, evenly spaced."""

    title: str
    values: tuple[float, ...]


def ceiling(most: float) -> float:
    """The round number at which the scale ends: a step times a power of ten, even, at least 4. Its half is written
    beside the scale, and half a visitor is nobody."""
    if most <= 4:
        return 4
    unit = 10.0 ** floor(log10(most))
    return next(top for step in STEPS if (top := step * unit) >= most and top % 2 == 0)


def line_chart(lines: Sequence[Line], says: str) -> Markup:
    """Up to two lines on one scale; `says` is the chart in a sentence, for those who cannot see it."""
    top = ceiling(max((value for line in lines for value in line.values), default=0))
    paths = Markup("").join(_path(line, top, index) for index, line in enumerate(lines))
    return Markup(
        '<svg class="line" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" aria-label="{says}">'
        '<path class="grid" d="M0 {a}H{w}M0 {b}H{w}M0 {c}H{w}" vector-effect="non-scaling-stroke"/>{paths}</svg>'
    ).format(
        w=WIDTH, h=HEIGHT, a=TOP, b=_number((TOP + HEIGHT - 1) / 2), c=HEIGHT - 1, says=says, paths=paths
    )


def share_bar(value: float, most: float) -> Markup:
    """A bar as long as the value's share of the greatest one. It repeats the number beside it, so it is silent."""
    share = _number(100 * value / most) if most > 0 else "0"
    return Markup(
        '<svg class="share" aria-hidden="true" viewBox="0 0 100 6" preserveAspectRatio="none">'
        '<rect width="{}" height="6"/></svg>'
    ).format(share)


def _path(line: Line, top: float, index: int) -> Markup:
    if not line.values:
        return Markup("")
    step = WIDTH / max(len(line.values) - 1, 1)
    spots = [
        (place * step, HEIGHT - 1 - (HEIGHT - 1 - TOP) * value / top)
        for place, value in enumerate(line.values)
    ]
    if len(spots) == 1:  # one day is a level line, not nothing
        spots.append((WIDTH, spots[0][1]))
    drawn = "L".join(f"{_number(x)} {_number(y)}" for x, y in spots)
    return Markup('<path class="of-{}" d="M{}" vector-effect="non-scaling-stroke"/>').format(index + 1, drawn)


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
