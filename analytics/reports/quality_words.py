"""What the checks and flags of data quality are called, what they mean for the numbers, and where they are seen to."""

from typing import NamedTuple

from django.urls import reverse

from analytics.flagged import ALL, ANY
from surveys.flags import Flag


class Words(NamedTuple):
    """A check or flag. `page` and `query`: where its rows are; `mends`: whether a person should see to them."""

    name: str
    means: str
    page: str = ""
    query: str = ""
    mends: bool = True

    @property
    def address(self) -> str:
        """The page of the admin with the rows, or nothing."""
        return f"{reverse(self.page)}?{self.query}".rstrip("?") if self.page else ""


CUSTOMERS = "admin:contacts_customer_changelist"
TOUCHPOINTS = "admin:contacts_touchpoint_changelist"
IMPORTS = "admin:contacts_importrun_changelist"
REPLIES = "admin:surveys_incomingsms_changelist"

CHECKS = {
    "no_time_zone": Words(
        "Customers without a time zone",
        "Contact hours must then fit every zone they may be in, so that they are asked later or never.",
        CUSTOMERS,
        "time_zone__exact=",
    ),
    "no_language": Words(
        "Customers without a language",
        "They are asked in the brand's language; who does not read it answers less, and the score lacks them.",
        CUSTOMERS,
        "language__exact=",
    ),
    "no_address": Words(
        "Customers without a working address",
        "They can never be asked, and no score says anything about them.",
        CUSTOMERS,
        "look=unreachable",
    ),
    "closed_address": Words(
        "Addresses closed in the period",
        "They bounced or were wrong. Ask these customers for a new one at the next touchpoint.",
        CUSTOMERS,
        "look=closed",
    ),
    "role_address": Words(
        "Addresses of a role, such as info@",
        "More people than one may read them, so the answer may not be the customer's own. Ask for a person's address.",
        CUSTOMERS,
        "look=role",
    ),
    "same_email": Words(
        "Customers with the email of another",
        "Two records may be one person, who counts twice here: merge them, and their caps count together.",
        CUSTOMERS,
        "look=same-email",
    ),
    "same_phone": Words(
        "Customers with the phone number of another",
        "One person, or a household. Caps of the number count for all of them until you merge or mend them.",
        CUSTOMERS,
        "look=same-phone",
    ),
    "twice": Words(
        "Touchpoints that stand there twice",
        "The same in all but their ids: such an experience counts twice, and may be asked about twice.",
        TOUCHPOINTS,
        "look=twice",
    ),
    "early": Words(
        "Touchpoints told of before they happened",
        "A clock of the source is wrong, so that customers are asked too late or too early. Mend the source.",
        TOUCHPOINTS,
        "look=early",
    ),
    "too_late": Words(
        "Touchpoints that came too late to ask",
        "Nobody was asked about them: their scores are missing. Let the source send daily, or the program wait longer.",
        TOUCHPOINTS,
    ),
    "rejected": Words(
        "Rows of imports that were rejected",
        "What they say is missing everywhere. The import names each line, and what was expected.",
        IMPORTS,
        "rejected__gt=0",
    ),
    "reply_of_nobody": Words(
        "Replies by SMS from a number that nobody has",
        "A score or an opt-out of somebody whom we do not know. Find the customer, or mark the reply as seen.",
        REPLIES,
        "read=all&customer__isnull=True",
    ),
    "reply_to_read": Words(
        "Replies by SMS that wait for a person",
        "Some are scores that no figure has yet, and some may be a no to further contact.",
        REPLIES,
    ),
    "news_of_nothing": Words(
        "News from providers about no message of ours",
        "Bounces or complaints that take no effect. Look whether another system sends in your name.",
        "sending",
    ),
    "again": Words(
        "Rows of imports with nothing new",
        "The same events were sent again. Each counts once, so that nothing is wrong with the numbers.",
        IMPORTS,
        mends=False,
    ),
    "simulated": Words(
        "Touchpoints that are simulated",
        "Made up by the sample. Figures from them show how the report works, and not how customers feel.",
        TOUCHPOINTS,
        "simulated__exact=1",
        mends=False,
    ),
}

FLAGS = {
    ALL: Words("All responses", "The score as every report has it."),
    Flag.TRAP: Words("Hidden field filled in", "A program filled in the form: people do not see that field."),
    Flag.UNSEEN: Words("Sent without being loaded", "The form was sent by something that had never loaded the page."),
    Flag.INSTANT: Words("Within 10 seconds of the message", "Scanners of mail follow links at once; people do not."),
    Flag.SPEEDER: Words("Too fast", "In less than a third of the estimated time: perhaps nobody read the questions."),
    Flag.STRAIGHT: Words("All alike", "The same answer to four or more questions in a row: perhaps nobody read them."),
    Flag.PARTIAL: Words("Interview broke off", "All that had to be answered is, the rest is not."),
    ANY: Words("Any of these", "What the score would be if all doubtful answers were set aside."),
}
