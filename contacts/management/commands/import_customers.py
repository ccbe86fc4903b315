from contacts.intake import CUSTOMERS
from contacts.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Bring in customers from a CSV file."
    subject = CUSTOMERS
