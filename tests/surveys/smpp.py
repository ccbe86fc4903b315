"""An SMS centre that speaks SMPP 3.4 on loopback: as much of it as Kannel needs, and a log of what it accepted."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import smsutil  # its codec is registered by importing it  # noqa: F401

HEADER = struct.Struct(">IIII")
SUBMIT, DELIVER, ENQUIRE_LINK, UNBIND, BINDS = 0x4, 0x5, 0x15, 0x6, (0x1, 0x2, 0x9)
RESPONSE = 0x80000000
RECEIPT, WITH_HEADER = 0x04, 0x40
GSM, UCS2 = 0, 8
INTERNATIONAL, ALPHANUMERIC = 1, 5
INVALID_DESTINATION = 0x0B


@dataclass(frozen=True)
class Part:
    """One submit_sm: a short message, or a part of a long one."""

    sender: str
    sender_type: int
    recipient: str
    recipient_type: int
    coding: int
    written: bytes


@dataclass
class Centre:
    """What the centre does with a number: it delivers, unless `fates` has another receipt for it, or a refusal."""

    port: int
    password: str = "smpp"
    fates: dict[str, str | int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    enquiries: int = 0
    line: socket.socket | None = None

    def parts_to(self, recipient: str) -> list[Part]:
        return [part for part in self.parts if part.recipient == recipient]

    def text_to(self, recipient: str) -> str:
        """What stands on the phone: put together before it is read, as a part may end inside a character."""
        parts = self.parts_to(recipient)
        written = b"".join(part.written for part in parts)
        return written.decode("utf-16-be" if parts[0].coding == UCS2 else "gsm0338")

    def deliver(self, sender: str, recipient: str, text: str, *, coding: int = GSM) -> None:
        """Bring a message that somebody sent to one of our numbers."""
        self._deliver(sender, recipient, text.encode("gsm0338" if coding == GSM else "utf-16-be"), coding=coding)

    def serve(self, line: socket.socket) -> None:
        """Talk to one Kannel until it hangs up."""
        with line, suppress(OSError):
            while header := _read(line, HEADER.size):
                length, command, _, sequence = HEADER.unpack(header)
                body = _read(line, length - HEADER.size)
                if command in BINDS:
                    accepted = body.split(b"\0")[1] == self.password.encode()
                    self.line = line if accepted else None
                    self._answer(line, command, sequence, b"centre\0", status=0 if accepted else 0x0E)
                elif command == SUBMIT:
                    self._submit(line, sequence, body)
                elif command in {ENQUIRE_LINK, UNBIND}:
                    self.enquiries += command == ENQUIRE_LINK
                    self._answer(line, command, sequence, b"")

    def _submit(self, line: socket.socket, sequence: int, body: bytes) -> None:
        part = _part(body)
        fate = self.fates.get(part.recipient, "DELIVRD")
        if isinstance(fate, int):
            self._answer(line, SUBMIT, sequence, b"", status=fate)
            return
        self.parts.append(part)
        name = str(len(self.parts))
        self._answer(line, SUBMIT, sequence, name.encode() + b"\0")
        receipt = f"id:{name} sub:001 dlvrd:001 submit date:2605051200 done date:2605051201 stat:{fate} err:000 text:"
        self._deliver(part.recipient, part.sender, receipt.encode(), kind=RECEIPT)

    def _deliver(self, sender: str, recipient: str, text: bytes, *, kind: int = 0, coding: int = GSM) -> None:
        assert self.line is not None
        addresses = b"\0" + b"".join(
            bytes([INTERNATIONAL, 1]) + n.lstrip("+").encode() + b"\0" for n in (sender, recipient)
        )
        body = addresses + bytes([kind, 0, 0, 0, 0, 0, 0, coding, 0, len(text)]) + text
        self.line.sendall(HEADER.pack(HEADER.size + len(body), DELIVER, 0, len(self.parts) + 1) + body)

    @staticmethod
    def _answer(line: socket.socket, command: int, sequence: int, body: bytes, *, status: int = 0) -> None:
        line.sendall(HEADER.pack(HEADER.size + len(body), command | RESPONSE, status, sequence) + body)


@contextmanager
def running(centre: Centre) -> Iterator[Centre]:
    """Open the centre for business, and hang up afterwards."""
    with socket.create_server(("127.0.0.1", centre.port)) as door:
        threading.Thread(target=_accept, args=(door, centre), daemon=True).start()
        yield centre
        door.shutdown(socket.SHUT_RDWR)
    if centre.line is not None:
        with suppress(OSError):
            centre.line.shutdown(socket.SHUT_RDWR)
        centre.line = None


def _accept(door: socket.socket, centre: Centre) -> None:
    with suppress(OSError):
        while True:
            line, _ = door.accept()
            threading.Thread(target=centre.serve, args=(line,), daemon=True).start()


def _read(line: socket.socket, length: int) -> bytes:
    got = b""
    while len(got) < length and (more := line.recv(length - len(got))):
        got += more
    return got


def _part(body: bytes) -> Part:
    _, rest = body.split(b"\0", 1)
    sender_type, (sender, rest) = rest[0], rest[2:].split(b"\0", 1)
    recipient_type, (recipient, rest) = rest[0], rest[2:].split(b"\0", 1)
    kind, (_, _, rest) = rest[0], rest[3:].split(b"\0", 2)
    coding, text = rest[2], rest[5 : 5 + rest[4]]
    if kind & WITH_HEADER:
        text = text[1 + text[0] :]
    return Part(sender.decode(), sender_type, recipient.decode(), recipient_type, coding, text)
