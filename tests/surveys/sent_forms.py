"""Forms of a page, filled in as a browser has them before anybody touches them."""

from html.parser import HTMLParser

Data = dict[str, str | list[str]]


class _Forms(HTMLParser):
    """Collects by action of each form what it would send, without its buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Data] = {}
        self._form: Data | None = None
        self._name = ""
        self._first: str | None = None
        self._chosen: str | None = None
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = self.forms.setdefault(given.get("action", ""), {})
        if self._form is None:
            return
        if tag == "input":
            self._input(given)
        elif tag == "select":
            self._name, self._first, self._chosen = given.get("name", ""), None, None
        elif tag == "option" and self._name:
            self._first = given.get("value", "") if self._first is None else self._first
            if "selected" in given:
                self._chosen = given.get("value", "")
        elif tag == "textarea":
            self._name, self._text = given.get("name", ""), []

    def _input(self, given: dict[str, str]) -> None:
        sent = given.get("type") not in ("checkbox", "radio") or "checked" in given
        if sent and given.get("name"):
            self._add(given["name"], given.get("value", "on" if given.get("type") == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._form is not None and self._first is not None:
            self._add(self._name, self._chosen if self._chosen is not None else self._first)
            self._name = ""
        elif tag == "textarea" and self._form is not None and self._text is not None:
            self._add(self._name, "".join(self._text).removeprefix("\n"))
            self._name, self._text = "", None

    def _add(self, name: str, value: str) -> None:
        assert self._form is not None
        before = self._form.get(name)
        if before is None:
            self._form[name] = value
        else:
            self._form[name] = [*([before] if isinstance(before, str) else before), value]


def form_of(html: str, action: str) -> Data:
    """Return what the form with this address would send."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms[action]
