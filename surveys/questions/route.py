"""Which questions a customer is asked, page by page, given what was answered so far."""

from collections.abc import Collection, Iterable, Sequence

from surveys.questions.answers import Answers
from surveys.questions.conditions import END
from surveys.questions.spec import Q, Spec, paged


def route(questions: Sequence[Q], answers: Answers, *, left_out: Collection[str] = ()) -> list[list[Q]]:
    """Return the pages that are shown for these answers, in order, each with the questions that are asked there.

    The questions are all of the version, in order; `left_out`: keys of those that this customer is not asked (rotating
    modules, known facts), whose answers count where there are some. An answer counts only where its question is on the
    way, so that changing one's mind on the first page leaves nothing behind. What a page asks depends on the pages
    before it; what it leads to, also on itself.
    """
    pages, counting, goal = list[list[Q]](), set(left_out), ""
    for page in paged(questions):
        if goal not in ("", page[0].key):
            continue
        known = _only(answers, counting)
        shown = [question for question in page if question.key not in left_out and _asked(question, known)]
        counting |= {question.key for question in shown}
        goal = _goal(shown, _only(answers, counting))
        if shown:
            pages.append(shown)
        if goal == END:
            break
    return pages


def on_the_way(pages: Iterable[Sequence[Spec]]) -> set[str]:
    """Return the keys of the questions of these pages."""
    return {question.key for page in pages for question in page}


def _only(answers: Answers, keys: Collection[str]) -> Answers:
    return {key: parts for key, parts in answers.items() if key in keys}


def _asked(question: Q, known: Answers) -> bool:
    return question.show_if is None or question.show_if.holds(known)


def _goal(shown: Sequence[Q], answers: Answers) -> str:
    """Where the page leads: the key of a page's first question, `END`, or nothing for the next page."""
    return next((jump.to for question in shown for jump in question.jumps if jump.taken(answers)), "")
