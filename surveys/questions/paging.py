"""Questions put in another order and on other pages; pages are lists, and none of them is ever empty."""

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Pages: TypeAlias = Sequence[Sequence[T]]


def moved(pages: Pages[T], one: T, step: int) -> list[list[T]]:
    """Return the pages with a question one place up (`step` -1) or down (1).

    At the edge of its page it goes over to the next one, and the first or last of all stays where it is.
    """
    page, place = _find(pages, one)
    if 0 <= place + step < len(pages[page]):
        return put(pages, one, page, place + step)
    if not 0 <= page + step < len(pages):
        return [list(page) for page in pages]
    return put(pages, one, page + step, len(pages[page - 1]) if step < 0 else 0)


def put(pages: Pages[T], one: T, page: int, place: int) -> list[list[T]]:
    """Return the pages with a question at a place of a page, both counted from 0; the page after the last is new."""
    others = [[other for other in page if other != one] for page in pages] + [[]]
    others[page].insert(place, one)
    return [page for page in others if page]


def split(pages: Pages[T], one: T) -> list[list[T]]:
    """Return the pages with a new one that begins with this question."""
    page, place = _find(pages, one)
    parts = (pages[page][:place], pages[page][place:])
    return [list(page) for page in (*pages[:page], *parts, *pages[page + 1 :]) if page]


def joined(pages: Pages[T], one: T) -> list[list[T]]:
    """Return the pages with that of the question put to the end of the page before it."""
    page, _ = _find(pages, one)
    if page == 0:
        return [list(page) for page in pages]
    return [*map(list, pages[: page - 1]), [*pages[page - 1], *pages[page]], *map(list, pages[page + 1 :])]


def one_each(pages: Pages[T]) -> list[list[T]]:
    """Return a page for each question."""
    return [[one] for page in pages for one in page]


def on_one(pages: Pages[T]) -> list[list[T]]:
    """Return one page with all questions."""
    return [[one for page in pages for one in page]] if pages else []


def _find(pages: Pages[T], one: T) -> tuple[int, int]:
    return next((number, list(page).index(one)) for number, page in enumerate(pages) if one in page)
