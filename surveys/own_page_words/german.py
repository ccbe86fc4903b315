"""The customer's own page in German."""

from contacts.models.words import Channel
from surveys.own_page_words.shape import OwnPageWords

GERMAN = OwnPageWords(
    link="Warum wir Sie fragen, Ihre Daten und Ihre Wünsche",
    title="Sie und {brand}",
    back="Zurück zu Ihrer Seite",
    why="Warum wir Sie gefragt haben",
    why_visit="{brand} hat Sie zu {visit} gefragt.",
    why_program="Die Frage gehört zu „{program}“. Damit fragen wir Kunden nach einem solchen Erlebnis.",
    why_drawn="Etwa {percent} von 100 werden gefragt. Sie wurden durch das Los bestimmt.",
    contacts={
        0: "In den letzten 90 Tagen haben wir uns nicht bei Ihnen gemeldet.",
        1: "In den letzten 90 Tagen haben wir uns einmal bei Ihnen gemeldet.",
    },
    contacts_more="In den letzten 90 Tagen haben wir uns {times}-mal bei Ihnen gemeldet.",
    again_from="Vor {date} fragen wir Sie nicht wieder.",
    again_any="Nach Ihrem nächsten Erlebnis mit uns fragen wir Sie vielleicht wieder.",
    again_never="Wir fragen Sie nicht wieder: Sie haben uns darum gebeten, oder wir haben keine gültige Adresse von "
    "Ihnen.",
    became="Was aus Ihrer Antwort wurde",
    became_nothing="Wir haben noch keine Antwort von Ihnen.",
    became_kept="Ihre letzte Antwort ist vom {date}. Sie wird gelesen und mit den anderen gezählt.",
    became_open="Bis {date} kümmert sich jemand bei {brand} um Ihre letzte Antwort.",
    became_done="Am {date} haben wir wegen Ihrer Antwort dies getan: {action}",
    became_seen="Am {date} hat sich jemand bei {brand} mit Ihrer Antwort befasst.",
    choices="Was Sie von uns wünschen können",
    in_force="Was Sie sich gewünscht haben",
    prefer={
        Channel.EMAIL: "Per E-Mail fragen",
        Channel.SMS: "Per SMS fragen",
        Channel.PHONE: "Lieber anrufen",
    },
    noted_prefer={
        Channel.EMAIL: "Wir fragen Sie per E-Mail, wo immer es geht.",
        Channel.SMS: "Wir fragen Sie per SMS, wo immer es geht.",
        Channel.PHONE: "Wir rufen Sie an, wo immer es geht.",
    },
    pause="Eine Zeit lang in Ruhe lassen",
    pause_label="Bis zu welchem Tag?",
    pause_button="Bis zu diesem Tag",
    pause_problem="Bitte wählen Sie einen Tag von {earliest} bis {latest}.",
    resume="All das zurücknehmen",
    stop="Nachrichten abbestellen",
    data="Ihre Daten",
    data_text="Alles, was wir über Sie aufbewahren, zum Lesen oder zum Mitnehmen.",
    data_show="Meine Daten zeigen",
    data_file="Als Datei laden (JSON)",
    sections={
        "person": "Sie",
        "addresses": "Ihre Adressen",
        "experiences": "Ihre Erlebnisse mit uns",
        "contacts": "Wann wir uns bei Ihnen gemeldet haben",
        "refusals": "Womit wir aufhören sollten",
        "wishes": "Was Sie sich gewünscht haben",
        "appointments": "Vereinbarte Anrufe",
        "decisions": "Wann wir entschieden haben, ob wir Sie fragen",
        "messages": "Nachrichten an Sie",
        "answers": "Ihre Antworten",
        "texts": "Ihre SMS an uns",
        "calls": "Unsere Anrufe bei Ihnen",
        "follow_ups": "Was wir wegen Ihrer Antworten getan haben",
        "notes": "Notizen dazu",
    },
    empty="Nichts.",
    erase="Meine Daten löschen",
    erase_text="Wir löschen Ihren Namen, Ihre Adressen, was Sie geschrieben haben, was Ihnen und über Sie geschrieben "
    "wurde, und woran man das Erlebnis erkennt. Es gilt sofort und lässt sich nicht rückgängig machen. Sie hören "
    "nichts mehr von uns.",
    erase_stays="Was bleibt: dass jemand gefragt wurde und wann, und die Zahlen der Antworten, ohne irgendetwas, das "
    "zu Ihnen führt. Und ein Code aus Ihren Adressen, aus dem niemand sie lesen kann, damit wir nie wieder an sie "
    "schreiben.",
    erase_elsewhere="{brand} hat vielleicht an anderen Stellen Daten über Sie, zum Beispiel Bestellungen. Diese Seite "
    "erreicht sie nicht.",
    erase_confirm="Ja, alles über mich löschen",
    erase_button="Jetzt löschen",
    erase_unticked="Bitte setzen Sie erst das Häkchen, damit nichts aus Versehen gelöscht wird.",
    erased="Alles über Sie ist gelöscht",
    erased_text="Dieser Link funktioniert nicht mehr, und Sie hören nichts mehr von uns.",
)
