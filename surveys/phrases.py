"""The fixed words around a survey, in each language that we speak: kinds of visits, dates, the frame of a message.

A survey's own words are translations in the database (`surveys.texts`). A language that is missing here gets English.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.utils import dateformat, translation

from surveys.speaking import base_of


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language. Experiences stand in the case that follows "about": in German the dative ("zu Ihrem Einkauf")."""

    language: str
    experiences: Mapping[str, str]
    other_experience: str
    on_date: str
    date_format: str
    """Formats are those of Django's `date` filter."""
    short_date_format: str
    answer: str
    answer_here: str
    less_often: str
    reply_thanks: str
    """What we reply to an SMS; `question` is the survey's open question, `contact` may be empty."""
    reply_stop: str
    reply_stop_all: str
    reply_start: str
    reply_help: str
    reply_contact: str
    reminder: Mapping[str, str]
    """A reminder's words (`surveys.texts.REMINDER_FIELDS`) for a survey that has none of its own in this language."""

    def experience(self, kind: str) -> str:
        """Say what a touchpoint of this kind was to the customer: "your purchase"."""
        return self.experiences.get(kind.casefold().replace(" ", "_"), self.other_experience)

    def visit(self, experience: str, date: str) -> str:
        """Say which one is meant: "your purchase on Tuesday, May 5, 2026"; without a date only the experience."""
        return self.on_date.format(experience=experience, date=date) if date else experience

    def date(self, at: date, *, short: bool = False) -> str:
        """Write a day (that of a local instant) in this language's words; `short` leaves out weekday and year."""
        day = at.date() if isinstance(at, datetime) else at
        return _written(self.language, day, self.short_date_format if short else self.date_format)


ENGLISH = Phrases(
    language="en",
    experiences={
        "purchase": "your purchase",
        "order": "your order",
        "visit": "your visit",
        "call": "your call",
        "service_call": "your call to our service",
        "chat": "your chat with us",
        "email": "your message to us",
        "delivery": "your delivery",
        "return": "your return",
        "repair": "your repair",
        "complaint": "your complaint",
        "post": "your public post",
        "public_post": "your public post",
    },
    other_experience="your contact with us",
    on_date="{experience} on {date}",
    date_format="l, F j, Y",
    short_date_format="F j",
    answer="Answer",
    answer_here="Answer here:",
    less_often="Asked too often? Ask us less often, another time or never:",
    reply_thanks="Thank you. {question} Just reply to this message.",
    reply_stop="{brand}: you get no more text messages from us. To end calls and emails too, reply STOPALL. "
    "To get messages again, reply START.",
    reply_stop_all="{brand}: you will not hear from us again. To get text messages again, reply START.",
    reply_start="{brand}: you can get text messages from us again. To end them, reply STOP.",
    reply_help="This is {brand}. We ask customers how things went. To answer, reply with a number from 0 to 10. "
    "To get no more text messages, reply STOP.{contact}",
    reply_contact=" Contact: {address}",
    reminder={
        "reminder_subject": "A reminder: {brand} asks about {visit}",
        "reminder_message": "Hello {name},\n\n"
        "{brand} asked you about {visit} and has no answer from you yet. "
        "If you would like to answer, it takes about {seconds} seconds. If not, you need not do anything.",
        "reminder_sms": "{brand}: a reminder of our question about {visit}, {seconds} seconds: {link}",
    },
)

GERMAN = Phrases(
    language="de",
    experiences={
        "purchase": "Ihrem Einkauf",
        "order": "Ihrer Bestellung",
        "visit": "Ihrem Besuch",
        "call": "Ihrem Anruf",
        "service_call": "Ihrem Anruf beim Service",
        "chat": "Ihrem Chat mit uns",
        "email": "Ihrer Nachricht an uns",
        "delivery": "Ihrer Lieferung",
        "return": "Ihrer Rückgabe",
        "repair": "Ihrer Reparatur",
        "complaint": "Ihrer Beschwerde",
        "post": "Ihrem öffentlichen Beitrag",
        "public_post": "Ihrem öffentlichen Beitrag",
    },
    other_experience="Ihrem Kontakt mit uns",
    on_date="{experience} am {date}",
    date_format="l, j. F Y",
    short_date_format="j. F",
    answer="Antworten",
    answer_here="Hier antworten:",
    less_often="Zu viele Fragen? Seltener, ein andermal oder nie fragen:",
    reply_thanks="Vielen Dank. {question} Antworten Sie einfach auf diese SMS.",
    reply_stop="{brand}: Sie bekommen keine SMS mehr von uns. Auch keine Anrufe und E-Mails: STOPALL. "
    "Wieder SMS bekommen: START.",
    reply_stop_all="{brand}: Sie hören nichts mehr von uns. Wieder SMS bekommen: START.",
    reply_start="{brand}: Sie können wieder SMS von uns bekommen. Beenden: STOP.",
    reply_help="Hier ist {brand}. Wir fragen Kunden, wie es war. Antworten Sie mit einer Zahl von 0 bis 10. "
    "Keine SMS mehr: STOP.{contact}",
    reply_contact=" Kontakt: {address}",
    reminder={
        "reminder_subject": "Zur Erinnerung: {brand} fragt nach {visit}",
        "reminder_message": "Guten Tag {name},\n\n"
        "{brand} hat Sie zu {visit} gefragt und noch keine Antwort von Ihnen. "
        "Wenn Sie antworten möchten, dauert es etwa {seconds} Sekunden. Wenn nicht, brauchen Sie nichts zu tun.",
        "reminder_sms": "{brand} erinnert an die Frage zu {visit}. {seconds} Sekunden: {link}",
    },
)

FRENCH = Phrases(
    language="fr",
    experiences={
        "purchase": "votre achat",
        "order": "votre commande",
        "visit": "votre visite",
        "call": "votre appel",
        "service_call": "votre appel à notre service clients",
        "chat": "votre discussion avec nous",
        "email": "votre message",
        "delivery": "votre livraison",
        "return": "votre retour",
        "repair": "votre réparation",
        "complaint": "votre réclamation",
        "post": "votre message public",
        "public_post": "votre message public",
    },
    other_experience="votre contact avec nous",
    on_date="{experience} du {date}",
    date_format="l j F Y",
    short_date_format="j F",
    answer="Répondre",
    answer_here="Répondre ici :",
    less_often="Trop de questions ? Moins souvent, une autre fois ou plus jamais :",
    reply_thanks="Merci. {question} Répondez simplement à ce message.",
    reply_stop="{brand}: vous ne recevez plus de SMS de nous. Ni appels ni e-mails non plus: STOPALL. "
    "Recevoir de nouveau des SMS: START.",
    reply_stop_all="{brand}: vous n'entendrez plus parler de nous. Recevoir de nouveau des SMS: START.",
    reply_start="{brand}: vous pouvez de nouveau recevoir des SMS de nous. Pour finir: STOP.",
    reply_help="Ici {brand}. Nous demandons aux clients comment cela s'est passé. Répondez par un nombre de 0 à 10. "
    "Plus de SMS: STOP.{contact}",
    reply_contact=" Contact: {address}",
    reminder={
        "reminder_subject": "Pour rappel : {brand} vous interroge sur {visit}",
        "reminder_message": "Bonjour {name},\n\n"
        "{brand} vous a interrogé sur {visit} et n’a pas encore votre réponse. "
        "Si vous souhaitez répondre, cela prend environ {seconds} secondes. Sinon, vous n’avez rien à faire.",
        "reminder_sms": "{brand} vous rappelle sa question sur {visit}. {seconds} secondes: {link}",
    },
)

SPANISH = Phrases(
    language="es",
    experiences={
        "purchase": "su compra",
        "order": "su pedido",
        "visit": "su visita",
        "call": "su llamada",
        "service_call": "su llamada a nuestro servicio",
        "chat": "su chat con nosotros",
        "email": "su mensaje",
        "delivery": "su entrega",
        "return": "su devolución",
        "repair": "su reparación",
        "complaint": "su reclamación",
        "post": "su publicación",
        "public_post": "su publicación",
    },
    other_experience="su contacto con nosotros",
    on_date="{experience} del {date}",
    date_format=r"l j \d\e F \d\e Y",
    short_date_format=r"j \d\e F",
    answer="Responder",
    answer_here="Responda aquí:",
    less_often="¿Demasiadas preguntas? Menos a menudo, en otro momento o nunca:",
    reply_thanks="Gracias. {question} Basta con responder a este mensaje.",
    reply_stop="{brand}: ya no recibe SMS nuestros. Tampoco llamadas ni correos: STOPALL. Recibir SMS de nuevo: START.",
    reply_stop_all="{brand}: ya no le escribimos ni le llamamos. Recibir SMS de nuevo: START.",
    reply_start="{brand}: puede volver a recibir SMS nuestros. Para terminar: STOP.",
    reply_help="Somos {brand}. Preguntamos a los clientes qué tal fue. Responda con una cifra de 0 a 10. "
    "Sin SMS: STOP.{contact}",
    reply_contact=" Contacto: {address}",
    reminder={
        "reminder_subject": "Un recordatorio: {brand} pregunta por {visit}",
        "reminder_message": "Hola {name}:\n\n"
        "{brand} le preguntó por {visit} y aún no tiene su respuesta. "
        "Si desea responder, lleva unos {seconds} segundos. Si no, no tiene que hacer nada.",
        "reminder_sms": "{brand} le recuerda su pregunta sobre {visit}. {seconds} segundos: {link}",
    },
)

ARABIC = Phrases(
    language="ar",
    experiences={
        "purchase": "مشترياتك",
        "order": "طلبك",
        "visit": "زيارتك",
        "call": "مكالمتك",
        "service_call": "مكالمتك مع خدمة العملاء",
        "chat": "محادثتك معنا",
        "email": "رسالتك إلينا",
        "delivery": "توصيل طلبك",
        "return": "إرجاعك للمنتج",
        "repair": "طلب الإصلاح",
        "complaint": "شكواك",
        "post": "منشورك العلني",
        "public_post": "منشورك العلني",
    },
    other_experience="تواصلك معنا",
    on_date="{experience} بتاريخ {date}",
    date_format="l، j F Y",
    short_date_format="j F",
    answer="الإجابة",
    answer_here="أجب هنا:",
    less_often="أسئلة كثيرة؟ أقل، أو في وقت آخر، أو أبدا:",
    reply_thanks="شكرا. {question} يكفي الرد على هذه الرسالة.",
    reply_stop="{brand}: لن تصلك رسائل قصيرة منا. ولا مكالمات ولا بريد إلكتروني: STOPALL. "
    "لاستلام الرسائل مجددا: START.",
    reply_stop_all="{brand}: لن نتواصل معك بعد الآن. لاستلام الرسائل مجددا: START.",
    reply_start="{brand}: يمكنك استلام رسائلنا القصيرة من جديد. للإيقاف: STOP.",
    reply_help="هنا {brand}. نسأل العملاء عن تجربتهم. أجب برقم من 0 إلى 10. لا رسائل بعد الآن: STOP.{contact}",
    reply_contact=" للتواصل: {address}",
    reminder={
        "reminder_subject": "تذكير: {brand} تسأل عن {visit}",
        "reminder_message": "مرحبا {name}،\n\n"
        "سألتك {brand} عن {visit} ولم تصلها إجابتك بعد. "
        "إن أردت الإجابة، يستغرق ذلك نحو {seconds} ثانية. وإلا فلا حاجة إلى فعل شيء.",
        "reminder_sms": "{brand} تذكرك بالسؤال عن {visit}. {seconds} ثانية: {link}",
    },
)

LANGUAGES = {phrases.language: phrases for phrases in (ENGLISH, GERMAN, FRENCH, SPANISH, ARABIC)}


@lru_cache(maxsize=1024)  # the messages of a wave are about the same few days
def _written(language: str, day: date, date_format: str) -> str:
    with translation.override(language):
        return dateformat.format(day, date_format)


def phrases(language: str) -> Phrases:
    """Return the fixed words of a language tag such as `de-AT`, or English."""
    return LANGUAGES.get(base_of(language), ENGLISH)


def speaks(language: str) -> bool:
    """Whether there are fixed words for a language tag such as `de-AT`."""
    return base_of(language) in LANGUAGES
