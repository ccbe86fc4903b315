"""Comments whose themes are known because they were put in: two languages, one to three themes each."""

import random
from typing import NamedTuple

from analytics.themes import Codebook, Correction, Theme

#: Theme -> its words in the codebook, on purpose only some of those that the sentences use.
BOOK = Codebook(
    [
        Theme("waiting", "Waiting", {"en": ["queue", "waited"], "de": ["Wartezeit", "gewartet"]}),
        Theme("staff", "Staff", {"en": ["staff", "colleague*"], "de": ["Personal", "Mitarbeiter*"]}),
        Theme("price", "Price", {"en": ["price*", "expensive"], "de": ["Preis*", "teuer"]}),
        Theme("delivery", "Delivery", {"en": ["deliver*", "parcel"], "de": ["Liefer*", "Paket"]}),
        Theme("returns", "Returns", {"en": ["refund*", "return label"], "de": ["Rücksend*", "Retoure*"]}),
        Theme("website", "Website", {"en": ["website", "app"], "de": ["Webseite", "App"]}),
    ]
)
SENTENCES = {
    "waiting": [
        "I stood in the queue for {n} minutes", "we waited {n} minutes on hold", "nobody picked up for ages",
        "too long on the line", "die Wartezeit war {n} Minuten", "ich habe ewig gewartet",
        "{n} Minuten in der Schleife", "niemand ging ans Telefon",
    ],
    "staff": [
        "your staff was {a}", "the colleague at the desk was {a}", "the lady who helped us was {a}",
        "{a} people behind the counter", "das Personal war {g}", "der Mitarbeiter war {g}",
        "die Dame am Schalter war {g}", "{g}e Bedienung",
    ],
    "price": [
        "the price went up again", "far too expensive for that", "costs more than elsewhere", "not worth the money",
        "der Preis ist gestiegen", "viel zu teuer", "anderswo kostet es weniger", "das Geld nicht wert",
    ],
    "delivery": [
        "the parcel came {n} days late", "delivery was quick", "the courier left it in the rain",
        "shipped to the wrong house", "das Paket kam {n} Tage zu spät", "die Lieferung war schnell",
        "der Bote stellte es in den Regen", "an die falsche Adresse verschickt",
    ],
    "returns": [
        "the refund took {n} weeks", "no return label in the box", "sending it back was easy", "still no money back",
        "die Rücksendung war einfach", "die Retoure dauerte {n} Wochen", "zurückschicken ging nicht",
        "Geld noch nicht erstattet",
    ],
    "website": [
        "the website froze at checkout", "the app logs me out", "could not find the button", "the page would not load",
        "die Webseite hing an der Kasse", "die App meldet mich ab", "den Knopf nicht gefunden", "die Seite lud nicht",
    ],
}  # fmt: skip
FILLERS = ["", "Hello", "Overall fine", "Not again", "Hallo", "Insgesamt gut", "Na ja", "Thanks", "Danke"]
WORDS = {"a": ["friendly", "rude", "kind", "helpful"], "g": ["freundlich", "unhöflich", "nett", "hilfsbereit"]}


class Planted(NamedTuple):
    """A comment and the themes that were put in."""

    text: str
    themes: frozenset[str]

    def judged(self) -> Correction:
        """What a person who reads it says about every theme."""
        return Correction(self.text, {theme: theme in self.themes for theme in SENTENCES})


def planted(n: int, seed: int) -> list[Planted]:
    """Return `n` comments, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311
    return [_comment(rng) for _ in range(n)]


def _comment(rng: random.Random) -> Planted:
    themes = rng.sample(sorted(SENTENCES), rng.choice((0, 1, 1, 1, 2, 2, 3)))
    values = {name: rng.choice(words) for name, words in WORDS.items()} | {"n": str(rng.randrange(3, 60))}
    said = [rng.choice(SENTENCES[theme]).format(**values) for theme in themes]
    return Planted(". ".join(filter(None, [rng.choice(FILLERS), *said])), frozenset(themes))


def micro_f1(truth: list[frozenset[str]], found: list[set[str]]) -> float:
    """Return twice the hits, divided by all that was planted and all that was found."""
    hits = sum(len(planted & told) for planted, told in zip(truth, found, strict=True))
    return 2 * hits / (sum(map(len, truth)) + sum(map(len, found)))
