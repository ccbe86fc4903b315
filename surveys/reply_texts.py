"""What we reply to a customer's SMS: pure, in the words of the survey and of its language."""

from contacts.models import Brand
from surveys.models import IncomingSms, Question
from surveys.phrases import phrases
from surveys.replies import Said, read
from surveys.texts import Facts, Words, fill

Meaning = IncomingSms.Meaning


def reply_text(sms: IncomingSms, words: Words, known: Facts, brand: Brand) -> str:
    """Return the reply to a message whose meaning has one; a score is thanked for with the survey's open question."""
    fixed = phrases(words.language)
    if sms.meaning == Meaning.SCORE:
        question = next(question for question in words.questions if question.kind == Question.Kind.TEXT)
        return fixed.reply_thanks.format(question=fill(question.text, known))
    contact = fixed.reply_contact.format(address=brand.sender_email) if brand.sender_email else ""
    text = {
        Meaning.STOP: fixed.reply_stop_all if read(sms.text).said == Said.STOP_ALL else fixed.reply_stop,
        Meaning.START: fixed.reply_start,
        Meaning.HELP: fixed.reply_help,
    }[Meaning(sms.meaning)]
    return text.format(brand=known.brand, contact=contact)
