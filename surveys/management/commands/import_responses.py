from contacts.management.importing import ImportCommand
from surveys.history import RESPONSES


class Command(ImportCommand):
    help = "Bring in answers that another tool collected; surveys and customers never heard of come in with them."
    subject = RESPONSES
