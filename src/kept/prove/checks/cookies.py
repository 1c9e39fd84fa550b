"""Cookies: none before an answer, only those that the policy declares, and for no longer than it says."""

from collections.abc import Iterable
from http.cookies import SimpleCookie

from kept.prove.browser import VISIT
from kept.prove.stage import Stage
from kept.prove.verdict import Finding

PAGES = ("privacy", "choices", "dialog", "kept.js")


def check_cookies(stage: Stage) -> list[Finding]:
    """Look at the pages before an answer, then say no, then yes, and hold what is set against the policy."""
    eve = stage.browser()
    before = [eve.opens(page).cookies for page in PAGES] + [eve.opens("v1/choices", key=eve.key).cookies]
    bo, ana = stage.browser(), stage.browser()
    no = bo.says(dict.fromkeys(stage.asked(), False)).cookies
    yes = ana.says(dict.fromkeys(stage.asked(), True)).cookies
    stage.cast.append(ana.visitor)
    wrong = [
        *(f"{name} before any answer" for name in _set(before)),
        *(f"{name} after a no" for name in _set([no]) if not _is_necessary(stage, name)),
        *_undeclared(stage, [no, yes]),
    ]
    if wrong:
        return [Finding(False, f"cookies: {', '.join(wrong)}")]
    return [Finding(True, f"cookies: none before an answer, no {VISIT} after a no, all declared")]


def _set(jars: Iterable[SimpleCookie]) -> list[str]:
    """The names of cookies that are put into the browser; one that is taken back is none."""
    return [name for jar in jars for name, morsel in jar.items() if morsel.value and morsel["max-age"] != "0"]


def _is_necessary(stage: Stage, name: str) -> bool:
    declared = stage.policy.cookies.get(name)
    return declared is not None and declared.strictly_necessary


def _undeclared(stage: Stage, jars: Iterable[SimpleCookie]) -> Iterable[str]:
    for jar in jars:
        for name in _set([jar]):
            declared = stage.policy.cookies.get(name)
            if declared is None:
                yield f"{name} is not declared"
            elif _seconds(jar, name) > _longest(stage, name):
                yield f"{name} lives longer than declared"


def _seconds(jar: SimpleCookie, name: str) -> float:
    """How long the browser is told to keep it; 0 for as long as it stays open."""
    return float(jar[name]["max-age"] or 0)


def _longest(stage: Stage, name: str) -> float:
    now_ms = stage.house.clock.now_ms()
    ends_ms = stage.policy.cookies[name].lasts.ends(now_ms)
    return float("inf") if ends_ms is None else (ends_ms - now_ms) / 1000 + 1
