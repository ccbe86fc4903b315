"""The words by which replies are understood, a table for each language; every reply is read in all of them.

A word stands as `str.casefold` writes it. A phrase is a regular expression over whole words with single spaces between
them and without apostrophes ("dont"). Which words carriers require is in the CTIA's "Messaging
Principles and Best Practices" (5.1.3); that any reasonable wording counts is 47 CFR 64.1200(a)(10).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWords:
    """One language.

    `stop`: an opt-out at the beginning of a text, and where a clause has nothing but such words and `urging` ones.
    `stop_alone`: only where the whole text is such words and `polite` ones. `stop_all`: both of these, and to
    everything. `stop_phrases`, `stop_all_phrases`, `wrong_number`: anywhere in a text.
    `start`, `help`, `yes`, `no`: only as the whole text, with `polite` words.
    `numbers`: word -> value, also those beyond the scale, so that they are not overlooked. `scoring`: may stand
    beside a score without saying more. `doubt`: make a number uncertain. `lone`: numbers only where they stand alone.
    `out_of_ten`: phrases behind a score. `because`: end the clause before them. `units`: make a number something else.
    """

    language: str
    stop: frozenset[str]
    stop_alone: frozenset[str]
    stop_all: frozenset[str]
    stop_phrases: tuple[str, ...]
    stop_all_phrases: tuple[str, ...]
    wrong_number: tuple[str, ...]
    start: frozenset[str]
    help: frozenset[str]
    help_phrases: tuple[str, ...]
    yes: frozenset[str]
    no: frozenset[str]
    polite: frozenset[str]
    urging: frozenset[str]
    numbers: dict[str, int]
    scoring: frozenset[str]
    doubt: frozenset[str]
    lone: frozenset[str]
    out_of_ten: tuple[str, ...]
    because: frozenset[str]
    units: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


def _counted(text: str) -> dict[str, int]:
    return {word: value for value, word in enumerate(text.split())}


def _not_after(words: str) -> str:
    """What a phrase begins with that does not count behind one of the words."""
    return "".join(rf"(?<!\b{word} )" for word in words.split())


_NOT_OTHERS = _not_after("you they we he she it who which why staff people shop company could i")
"""Not "they never ask us", nor "why don't you text me": there is too little contact, and not too much."""
_NOT_DENIED = _not_after("dont not never cant couldnt wont didnt")
"""Not "I couldn't stop asking"."""
_NEVER = rf"{_NOT_OTHERS}(dont|do not|never) (you )?(ever )?"

ENGLISH = ReplyWords(
    language="en",
    stop=_words("stop stopp unsubscribe unsubcribe unsuscribe unsub optout"),
    # END and QUIT begin many a sentence; REMOVE, ARRET and TD are on one carrier's list of required words.
    stop_alone=_words("end quit cancel revoke remove arret td"),
    stop_all=_words("stopall"),
    stop_phrases=(
        r"unsubscribe",
        r"opt(ed|ing)? (me )?out",
        rf"{_NOT_DENIED}(stop|quit|cease) (\w+ ){{0,2}}(texting|texts?|sms|messag\w+|sending|asking|bothering|spam\w*)",
        rf"{_NOT_DENIED}(stop|quit|cease) (\w+ ){{0,2}}(survey(s|ing)?|harass\w*|pestering)",
        rf"{_NOT_DENIED}(stop|quit) (it|this|that|these|them|now)$",
        r"make it stop",
        r"no more (of )?(these |this |your )?(texts?|sms|messages?|surveys?|questions?|spam)",
        rf"{_NEVER}(text|message|sms|spam|bother|survey|ask) (me|us|this)",
        rf"{_NEVER}send (me |us )?(\w+ ){{0,3}}(texts?|sms|messages?|surveys?|spam)",
        r"(dont|do not|no longer) (want|wish|like|need) (to )?(\w+ ){0,3}(texts?|texted|sms|messages?|messaged)",
        r"(dont|do not|no longer) (want|wish|like|need) (to )?(\w+ ){0,4}(surveys?|surveyed|asked|bothered|spam)",
        r"^(\w+ ){0,2}not interested( \w+)?$",
    ),
    stop_all_phrases=(
        r"stop all$",
        r"stop everything$",
        r"leave (me|us) (the \w+ )?(alone|in peace)",
        rf"{_NOT_DENIED}(stop|quit) (contacting|calling|emailing|mailing) (me|us)",
        rf"{_NEVER}(contact|call|write|email|mail) (to )?(me|us) (\w+ )?(again|anymore|any more|ever)",
        rf"{_NEVER}contact (me|us)$",
        r"(dont|do not|no longer) (want|wish|like) (to )?(be contacted|hear from you|any contact)",
        r"(take|get) (me|us|my number|my name|this number) (off|out|from)",
        r"(remove|delete|erase) (me|us|my number|my name|my details|my data|this number)",
        r"lose (my|this) number",
        r"(go away|get lost|piss off|fuck off|f off|bugger off|sod off)",
    ),
    wrong_number=(
        r"wrong (number|person)",
        r"(you have|youve) got the wrong \w+",
        r"(not|no longer) (his|her|their) number",
    ),
    start=_words("start unstop optin subscribe resume"),
    help=_words("help info"),
    help_phrases=(r"who (is|are|r) (this|you|u|it)", r"whos (this|it)", r"who dis", r"what is this"),
    yes=_words("yes y yep yeah yup"),
    no=_words("no n nope"),
    polite=_words(
        """please pls plz thanks thank thx ty you ok okay kindly hi hello hey dear sorry all sms messages texts"""
    ),
    urging=_words(
        """please pls plz now just thanks thank you can could would will u i we said say it this that these them me my
        us ok okay hi hello hey all want need to ever immediately asap at once messages message texts text sms msgs
        already again sorry yes really bloody fucking damn for good god gods sake and everything survey surveys
        surveying feedback question questions email emails mail mails list your from with any more"""
    ),
    numbers=_counted("zero one two three four five six seven eight nine ten")
    | {"eleven": 11, "twelve": 12, "twenty": 20, "fifty": 50, "hundred": 100},
    scoring=_words(
        """i id ill im would will d say said give gave you your u it its that a an the my our score rating answer is
        was be s of about around like maybe probably perhaps please thanks thank definitely certainly absolutely
        solid strong big fat for sure points point from me rate well just only easily another hi hello hey ok okay
        yes recommend guess think actually sorry stars star meant mean make call"""
    ),
    doubt=_words(
        """or to and between either not no than less more under over above below minus plus half almost nearly so"""
    ),
    lone=_words("one"),
    out_of_ten=(r"(?:points? )?(?:out )?of (?:10|ten)",),
    because=_words("because since but as due cause cos coz bc"),
    units=_words(
        """am pm oclock minute minutes min mins second seconds sec hour hours h hr hrs day days week weeks month months
        year years euro euros eur dollar dollars usd pound pounds gbp percent times people persons customers calls
        miles km % € $ £ ° january february march april may june july august september october november december"""
    ),
)

GERMAN = ReplyWords(
    language="de",
    stop=_words("stop stopp stoppen abmelden abbestellen austragen abmeldung abbestellung widerspruch"),
    stop_alone=_words(
        """ende beenden schluss aufhören aufhoeren kündigen löschen loeschen widerruf widerrufen abbrechen abbruch"""
    ),
    stop_all=_words("stoppalle stopalle allesstop allesstopp"),
    stop_phrases=(
        r"keine? (\w+ ){0,2}(sms|nachrichten?|mitteilungen|umfragen?|fragen|anfragen|werbung|texte) mehr",
        r"keine? (weiteren?|neuen?) (sms|nachrichten?|mitteilungen|umfragen?|anfragen)",
        r"^(bitte )?keine (sms|nachrichten|umfragen|werbung)( bitte)?$",
        r"(sms|nachrichten|umfragen) (bitte )?(abbestellen|abmelden|einstellen|stoppen)",
        r"(hört|hoert|hör|hoer|hören sie|hoeren sie) (\w+ ){0,3}auf",
        r"nicht mehr (an)?(schreiben|simsen|texten|fragen|befragen|belästigen|belaestigen|nerven)",
        r"(schreibt?|schreiben sie) (mir|uns) (\w+ ){0,2}(nicht mehr|nichts mehr|nie wieder|nie mehr)",
        r"(sendet?|senden sie|schickt?|schicken sie) (mir|uns) (\w+ ){0,2}(nicht mehr|nichts mehr|nie wieder|nie mehr)",
        r"(fragt?|fragen sie) (mich|uns) (\w+ ){0,2}(nicht mehr|nichts mehr|nie wieder|nie mehr)",
        r"(mich|uns) (\w+ )?(abmelden|austragen)",
        r"(melde|meldet|melden sie) (mich|uns) (\w+ ){0,2}ab",
        r"^(\w+ ){0,2}kein interesse( \w+)?$",
        r"abbestellen",
    ),
    stop_all_phrases=(
        r"(lasst|lass|lassen sie) (mich|uns) (\w+ ){0,3}in (ruhe|frieden)",
        r"nicht mehr (kontaktieren|anrufen|kontaktiert|angerufen|melden)",
        r"(kontaktiert|kontaktieren sie|ruft|rufen sie) (mich|uns) (\w+ )?(nicht mehr|nie wieder|nie mehr)",
        r"(löscht?|löschen sie|loescht?|loeschen sie) (\w+ )?(mich|uns|meine nummer|meine daten|meinen namen)",
        r"(streicht|streichen sie|nehmt|nehmen sie) (\w+ )?(mich|uns|meine nummer|meine daten|meinen namen)",
        r"(meine nummer|meine daten) (\w+ )?(löschen|loeschen|streichen)",
        r"nichts mehr (von (ihnen|euch) )?(hören|hoeren|bekommen|erhalten|wissen)",
        r"(verpisst euch|verpiss dich|haut ab|hau ab|verschwindet)",
        r"alles (stoppen|stopp|stop|abbestellen)",
    ),
    wrong_number=(
        r"falsche (nummer|person)",
        r"(haben sich|habt euch) (\w+ )?(verwählt|verwaehlt)",
        r"nicht (mehr )?(seine|ihre) nummer",
    ),
    start=_words("start starten anmelden"),
    help=_words("hilfe info"),
    help_phrases=(r"wer (ist|sind|seid|bist)( (das|dort|sie|ihr|du))?", r"was (ist|soll) das"),
    yes=_words("ja j jawohl jep"),
    no=_words("nein n nee nö"),
    polite=_words(
        """bitte danke dankeschön vielen dank schön hallo guten tag ok okay sms nachrichten alle wieder gern gerne"""
    ),
    urging=_words(
        """bitte jetzt sofort endlich mich mir uns das damit ich will möchte moechte können koennen sie ihr euch danke
        mal doch alle alles sms nachrichten nachricht hallo guten tag ja nun dies diese den der die und umgehend
        umfrage umfragen fragen mails email emails schickt schicken sendet senden schreibt schreiben zu von mit eure
        euren ihre ihren ihrer eurer liste mehr"""
    ),
    numbers=_counted("null eins zwei drei vier fünf sechs sieben acht neun zehn")
    | {"fuenf": 5, "zwo": 2, "elf": 11, "zwölf": 12, "zwoelf": 12, "zwanzig": 20, "fünfzig": 50, "hundert": 100},
    scoring=_words(
        """ich würde wuerde sage sagen gebe geben gib euch ihnen es das ist war wäre eine einen ne meine bewertung
        wertung note punkte punkt punkten etwa ungefähr ungefaehr vielleicht wohl klar glatte volle gute für fuer
        von mir bitte danke auf jeden fall ganz klare hallo guten tag empfehlen ja meinte nur sterne antwort also ok
        okay sagt wir"""
    ),
    doubt=_words(
        """oder bis und zwischen nicht kein keine nein minus plus halb fast unter über ueber mehr weniger knapp als"""
    ),
    lone=frozenset(),
    out_of_ten=(r"(?:punkte? )?(?:von|aus|auf) (?:10|zehn)(?: punkten)?",),
    because=_words("weil da denn aber"),
    units=_words(
        """uhr minute minuten sekunden stunde stunden std tag tage tagen woche wochen monat monate jahr jahre jahren
        prozent mal leute personen januar februar märz april mai juni juli august september oktober november
        dezember versuch"""
    ),
)

LANGUAGES = (ENGLISH, GERMAN)
