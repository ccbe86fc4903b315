"""The fixed words of open links: on the page where it takes a break, and on the card that hangs at a counter."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWords:
    """One language's sentences."""

    full: str
    full_text: str
    scan: str
    or_open: str
    seconds: str
    no_name: str


OPEN_LANGUAGES = {
    "en": OpenWords(
        full="Please come back a little later",
        full_text="Many answers have arrived just now, so this page takes a short break. Thank you for coming by.",
        scan="Scan this with your phone",
        or_open="or open",
        seconds="It takes about {seconds} seconds.",
        no_name="We ask for no name and no address.",
    ),
    "de": OpenWords(
        full="Bitte kommen Sie etwas später wieder",
        full_text="Gerade sind viele Antworten angekommen, deshalb macht diese Seite eine kurze Pause. Danke für Ihren "
        "Besuch.",
        scan="Mit dem Telefon scannen",
        or_open="oder öffnen",
        seconds="Es dauert etwa {seconds} Sekunden.",
        no_name="Wir fragen weder nach Namen noch nach Adresse.",
    ),
    "fr": OpenWords(
        full="Merci de revenir un peu plus tard",
        full_text="Beaucoup de réponses viennent d’arriver, cette page fait donc une courte pause. "  # noqa: RUF001
        "Merci de votre visite.",
        scan="À scanner avec votre téléphone",
        or_open="ou ouvrir",
        seconds="Cela prend environ {seconds} secondes.",
        no_name="Nous ne demandons ni nom ni adresse.",
    ),
    "es": OpenWords(
        full="Vuelva un poco más tarde",
        full_text="Acaban de llegar muchas respuestas, por eso esta página hace una breve pausa. "
        "Gracias por su visita.",
        scan="Escanéelo con su teléfono",
        or_open="o abra",
        seconds="Se tarda unos {seconds} segundos.",
        no_name="No pedimos nombre ni dirección.",
    ),
    "ar": OpenWords(
        full="يرجى العودة بعد قليل",
        full_text="وصلت إجابات كثيرة الآن، لذلك تتوقف هذه الصفحة لفترة قصيرة. شكرًا لزيارتك.",
        scan="امسح الرمز بهاتفك",
        or_open="أو افتح",
        seconds="يستغرق ذلك نحو {seconds} ثانية.",
        no_name="لا نطلب اسمًا ولا عنوانًا.",
    ),
}


def open_words(language: str) -> OpenWords:
    """Return the words for a language tag such as `de-AT`, in English where the pages do not speak the language."""
    return OPEN_LANGUAGES.get(language.partition("-")[0].lower(), OPEN_LANGUAGES["en"])
