"""The expressions of other tools, read as far as conditions go: comparisons, calls, and, or, not, brackets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

LONGEST, DEEPEST = 5000, 25


class ExpressionError(ValueError):
    """An expression that has no counterpart here; the text says why."""


@dataclass(frozen=True, slots=True)
class Ref:
    """The answer to a question, by its name in the other tool."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number or a list of them."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; `and`, `or` and `not` are some too, and so are comparisons."""

    name: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Ref | Literal | Call


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a tool writes: its tokens, the names of its operators and what it writes after an answer (`empty`).

    `tokens` has the groups `ref` (with the name in a group of its own, `name`), `text`, `number`, `word` and `sign`.
    """

    tokens: re.Pattern[str]
    operators: Mapping[str, str]
    after: Mapping[str, str]
    escapes: bool


_COMMON = (
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][\w-]*)"
    r"|(?P<sign><=|>=|<>|!=|==|&&|\|\||[=<>!(),\[\]])|(?P<strange>\S))"
)
_ESCAPED = r"""|(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_SIGNS = {"=": "=", "==": "=", "!=": "!=", "<>": "!=", ">=": ">=", "<=": "<=", ">": ">", "<": "<"}
_JOINTS = {"and": "and", "or": "or"}

SURVEYJS = Dialect(
    tokens=re.compile(r"\s*(?:(?P<ref>\{(?P<name>[^{}]+)\})" + _ESCAPED + _COMMON),
    operators={
        **_SIGNS,
        **_JOINTS,
        "&&": "and",
        "||": "or",
        "equal": "=",
        "notequal": "!=",
        "greater": ">",
        "less": "<",
        "greaterorequal": ">=",
        "lessorequal": "<=",
        "contains": "contains",
        "contain": "contains",
        "notcontains": "notcontains",
        "notcontain": "notcontains",
        "anyof": "anyof",
        "allof": "allof",
        "noneof": "noneof",
    },
    after={"empty": "empty", "notempty": "notempty"},
    escapes=True,
)
XPATH = Dialect(
    tokens=re.compile(
        r"\s*(?:(?P<ref>\$\{\s*(?P<name>[^{}\s]+)\s*\}|\.(?![\w.]))" + r"""|(?P<text>'[^']*'|"[^"]*")""" + _COMMON
    ),
    operators={**_SIGNS, **_JOINTS},
    after={},
    escapes=False,
)


def parse(text: str, dialect: Dialect) -> Node:
    """Return the tree of an expression. Raises ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(f"It has more than {LONGEST} characters.")
    reader = _Reader(text, dialect)
    node = reader.joined("or")
    reader.expect("")
    return node


class _Reader:
    """Reads token by token: `or` binds least, then `and`, then comparisons."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self._dialect = dialect
        self._tokens = list(dialect.tokens.finditer(text.rstrip()))
        self._at = self._depth = 0

    def joined(self, joint: str) -> Node:
        """Read what stands between two `or`, or two `and`."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError("It is nested too deeply.")
        parts = [self._part(joint)]
        while self._operator() == joint:
            self._at += 1
            parts.append(self._part(joint))
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Call(joint, tuple(parts))

    def expect(self, sign: str) -> None:
        """Step over a sign, or the end (empty)."""
        if self._sign() != sign:
            raise ExpressionError(f"“{self._sign() or 'its end'}” was not expected there.")
        self._at += 1

    def _part(self, joint: str) -> Node:
        return self.joined("and") if joint == "or" else self._compared()

    def _compared(self) -> Node:
        if self._sign() == "!":
            self._at += 1
            return Call("not", (self._compared(),))
        left = self._operand()
        if after := self._dialect.after.get(self._sign().casefold()):
            self._at += 1
            return Call(after, (left,))
        operator = self._operator()
        if operator in (None, "and", "or"):
            return left
        self._at += 1
        return Call(operator, (left, self._operand()))

    def _operand(self) -> Node:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        if token is None:
            raise ExpressionError("Something is missing at its end.")
        self._at += 1
        if token["ref"]:
            return Ref((token["name"] or ".").strip())
        if token["text"]:
            return Literal((self._unquoted(token["text"]),))
        if token["number"]:
            return Literal((token["number"],))
        if token["word"]:
            return self._call(token["word"])
        if token["sign"] == "(":
            inner = self.joined("or")
            self.expect(")")
            return inner
        if token["sign"] == "[":
            return self._list()
        raise ExpressionError(f"“{token[0].strip()}” has no counterpart here.")

    def _call(self, word: str) -> Node:
        if self._sign() != "(":
            return Literal((word,))
        self._at += 1
        arguments = list[Node]()
        while self._sign() != ")":
            if arguments:
                self.expect(",")
            arguments.append(self.joined("or"))
        self._at += 1
        return Call(word.casefold(), tuple(arguments))

    def _list(self) -> Literal:
        values = list[str]()
        while self._sign() != "]":
            if values:
                self.expect(",")
            item = self._operand()
            if not isinstance(item, Literal):
                raise ExpressionError("A list here may hold texts and numbers only.")
            values += item.values
        self._at += 1
        return Literal(tuple(values))

    def _unquoted(self, text: str) -> str:
        return re.sub(r"\\(['\"])", r"\1", text[1:-1]) if self._dialect.escapes else text[1:-1]

    def _sign(self) -> str:
        """The token that comes next as it is written; empty at the end."""
        return self._tokens[self._at][0].strip() if self._at < len(self._tokens) else ""

    def _operator(self) -> str | None:
        return self._dialect.operators.get(self._sign().casefold())
