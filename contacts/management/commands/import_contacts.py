from contacts.intake import CONTACTS
from contacts.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Bring in whom the tool before this one contacted, so that it counts; import the customers first."
    subject = CONTACTS
