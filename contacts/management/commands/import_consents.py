from contacts.intake import CONSENTS
from contacts.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Bring in who said yes or no to being contacted, with what proves it; import the customers first."
    subject = CONSENTS
