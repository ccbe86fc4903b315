from surveys.formats.document import Document, Exported


def write(document: Document) -> Exported:
    raise NotImplementedError
