from contacts.intake import TOUCHPOINTS
from contacts.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Bring in touchpoints from a CSV file; customers never heard of come in with them."
    subject = TOUCHPOINTS
