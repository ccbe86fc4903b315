"""The themes that a new installation begins with: an organisation changes them as it likes."""

from collections.abc import Mapping

STARTER_THEMES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "waiting": (
        "Waiting",
        {
            "en": "wait*, queue*, on hold, in line, too long, hours, slow, took ages, took forever, delay*",
            "de": "wart*, schlange*, warteschleife*, zu lange, ewig, stunden, langsam, verzöger*",
        },
    ),
    "people": (
        "People",
        {
            "en": "staff, agent*, colleague*, employee*, friendly, rude, unfriendly, polite, helpful, kind, patient",
            "de": "personal, mitarbeiter*, kolleg*, berater*, freundlich*, unfreundlich*, unhöflich*, nett*",
        },
    ),
    "solved": (
        "Solving the problem",
        {
            "en": "solve*, solution, fixed, unresolved, not fixed, answer*, call back, called back, promised",
            "de": "gelöst, lösung*, behoben, ungelöst, nicht erledigt, antwort*, rückruf*, versprochen",
        },
    ),
    "delivery": (
        "Delivery",
        {
            "en": "deliver*, parcel*, package*, courier*, shipping, shipped, tracking, depot, arrived, damaged",
            "de": "liefer*, geliefert, paket*, sendung*, versand*, bote*, zusteller*, angekommen, beschädigt*",
        },
    ),
    "price": (
        "Price",
        {
            "en": "price*, expensive, cheap*, cost*, charge*, charged, fee*, discount*, value for money, bill*",
            "de": "preis*, teuer*, günstig*, kosten, gekostet, gebühr*, rabatt*, rechnung*, abgebucht",
        },
    ),
    "returns": (
        "Returns and refunds",
        {
            "en": "refund*, return*, money back, exchange*, sent back",
            "de": "rücksend*, retoure*, zurückgeschickt, erstattet, erstattung*, geld zurück, umtausch*",
        },
    ),
    "quality": (
        "Product",
        {
            "en": "quality, broken, faulty, defect*, scratch*, cracked, out of stock, missing, wrong item, choice",
            "de": "qualität*, kaputt*, defekt*, zerkratzt, ausverkauft, fehlt*, auswahl, sortiment*, falscher artikel",
        },
    ),
    "online": (
        "Website and app",
        {
            "en": "website, site, app, page*, checkout, search, log in, login, password, button*, link*",
            "de": "webseite*, website, seite*, app, kasse, suche, anmelden, passwort*, knopf, link*",
        },
    ),
}
"""Key -> name, and language -> words; a star stands for any ending."""
