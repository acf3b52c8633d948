"""The world outside the server of docs/own-server.md: its names, the requester's mail server, and people who write.

    world.py serve             names, and a server that takes the requester's mail; says ready
    world.py ACT PASSWORD…     does what the page says is done elsewhere; the passwords are Alice's and Bruno's
"""

import email
import email.policy
import email.utils
import imaplib
import pathlib
import smtplib
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from email.message import EmailMessage

import dkim
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.zone
from aiosmtpd.controller import Controller

SERVER, OUTSIDE, NAMES = "mail.college.example", "203.0.113.25", "203.0.113.53"
ADDRESS = "192.0.2.10"
ZONES, MAIL, KEY = pathlib.Path("/zones"), pathlib.Path("/mail"), pathlib.Path("/key")
DESK, ALICE, BRUNO, REQUESTER = "aide@college.example", "alice@college.example", "bruno@college.example", "rosa@client.example"
QUESTION = "The printer of room 214 prints every page twice."
ANSWER = "Please choose one copy in the dialogue of the printer."


def serve():
    publish_client()
    for kind in (DatagramNames, StreamNames):
        server = kind((NAMES, 53), Names)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    Controller(Keep(), hostname=OUTSIDE, port=25, server_hostname="mail.client.example").start()
    print("ready", flush=True)
    threading.Event().wait()


def publish_client():
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", KEY, "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", KEY, "-pubout"], check=True, capture_output=True, text=True).stdout
    halves = split("p=" + "".join(public.splitlines()[1:-1]), 200)
    ZONES.joinpath("client").write_text(
        f"""
client.example.                3600 IN MX 10 mail.client.example.
client.example.                3600 IN TXT "v=spf1 mx -all"
mail.client.example.           3600 IN A {OUTSIDE}
25.113.0.203.in-addr.arpa.     3600 IN PTR mail.client.example.
_dmarc.client.example.         3600 IN TXT "v=DMARC1; p=reject"
k1._domainkey.client.example.  3600 IN TXT "v=DKIM1; k=rsa; " {halves}
"""
    )


def split(text, length):
    return " ".join(f'"{text[i : i + length]}"' for i in range(0, len(text), length))


class Names(socketserver.BaseRequestHandler):
    """Answers from the zones, which are read anew for every question."""

    def handle(self):
        self.server.reply(self)

    @staticmethod
    def answer(question):
        query = dns.message.from_wire(question)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA | dns.flags.RA
        records = {}
        for file in ZONES.iterdir():
            zone = dns.zone.from_text(file.read_text(), origin=".", relativize=False, check_origin=False)
            for name, rdataset in zone.iterate_rdatasets():
                records[name, rdataset.rdtype] = rdataset
        asked = query.question[0]
        if found := records.get((asked.name, asked.rdtype)):
            response.find_rrset(response.answer, asked.name, asked.rdclass, asked.rdtype, create=True).update(found)
        elif not any(name.is_subdomain(asked.name) for name, _ in records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response


class DatagramNames(socketserver.ThreadingUDPServer):
    def reply(self, handler):
        question, socket = handler.request
        socket.sendto(Names.answer(question).to_wire(max_size=4096), handler.client_address)


class StreamNames(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def reply(self, handler):
        length = int.from_bytes(handler.request.recv(2), "big")
        if length:  # else it only looks whether somebody is there
            wire = Names.answer(handler.request.recv(length)).to_wire()
            handler.request.sendall(len(wire).to_bytes(2, "big") + wire)


class Keep:
    """The requester's mailbox."""

    async def handle_DATA(self, _server, _session, envelope):
        place = MAIL / f"{time.time_ns()}"
        place.write_bytes(envelope.content)
        place.rename(place.with_suffix(".eml"))
        return "250 kept"


def ask():
    mail = letter(REQUESTER, "Printer", QUESTION)
    send_from_outside(sign(mail.as_bytes()), REQUESTER)
    received = wait_for(lambda: the_requesters("[SD R-000001]"), "the acknowledgement")
    tell(dkim.verify(received, dnsfunc=lookup), "acknowledged; the DKIM signature holds")


def answer(alice, _bruno):
    letter_to_alice = wait_for(lambda: newest_of(ALICE, alice), "the letter to Alice")
    reply = letter(ALICE, "Re: " + letter_to_alice["Subject"], ANSWER + "\n\nAlice\n")
    reply["In-Reply-To"] = reply["References"] = letter_to_alice["Message-ID"]
    submit(ALICE, alice, reply)
    relayed = wait_for(lambda: the_requesters(ANSWER), "the answer")
    tell(dkim.verify(relayed, dnsfunc=lookup), "relayed; the DKIM signature holds")


def forge(alice, _bruno):
    """A stranger who has seen a letter to Alice writes as if she answered it."""
    seen = newest_of(ALICE, alice)
    mail = letter(ALICE, "Re: " + seen["Subject"], "I am Alice, believe me.")
    mail["In-Reply-To"] = seen["Message-ID"]
    mail["Authentication-Results"] = f"{SERVER}; auth=pass smtp.auth={ALICE}; dmarc=pass header.from=college.example"
    send_from_outside(mail.as_bytes(), "thief@client.example")
    tell(True, "taken in")


def mismatch(_alice, bruno):
    mail = letter(ALICE, "Not mine", "I am Alice, believe me.")
    try:
        submit(BRUNO, bruno, mail, sender=ALICE)
        tell(False, "Bruno can send as Alice")
    except smtplib.SMTPRecipientsRefused as refused:
        code, words = next(iter(refused.recipients.values()))
    submit(BRUNO, bruno, mail)
    tell(code == 553 and b"not owned by user bruno" in words, f"{code} {words.decode()}")


def tempfail(*_):
    try:
        send_from_outside(letter(REQUESTER, "Later", QUESTION).as_bytes(), REQUESTER)
        tell(False, "the server takes mail that nothing judges")
    except smtplib.SMTPResponseException as refused:  # at STARTTLS
        tell(refused.smtp_code in (451, 454), f"{refused.smtp_code} {refused.smtp_error.decode()}")


def letter(author, subject, text):
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = author, DESK, subject
    mail["Date"], mail["Message-ID"] = email.utils.formatdate(), email.utils.make_msgid(domain=author.split("@")[1])
    mail.set_content(text)
    return mail


def sign(mail):
    return dkim.sign(mail, b"k1", b"client.example", KEY.read_bytes(), include_headers=[b"from", b"to", b"subject"]) + mail


def send_from_outside(mail, sender):
    with smtplib.SMTP(ADDRESS, 25, "mail.client.example", source_address=(OUTSIDE, 0)) as server:
        server.starttls()
        server.ehlo()
        server.sendmail(sender, DESK, mail)


def submit(login, password, mail, sender=None):
    with smtplib.SMTP_SSL(ADDRESS, 465, "laptop", source_address=(OUTSIDE, 0), context=trust()) as server:
        server.login(login, password)
        server.sendmail(sender or login, DESK, mail.as_bytes())


def mails_of(login, password):
    with imaplib.IMAP4_SSL(ADDRESS, ssl_context=trust()) as server:
        server.login(login, password)
        server.select("INBOX", readonly=True)
        for number in server.search(None, "ALL")[1][0].split():
            yield email.message_from_bytes(server.fetch(number, "(BODY.PEEK[])")[1][0][1], policy=email.policy.default)


def newest_of(login, password):
    return next((mail for mail in reversed([*mails_of(login, password)]) if "R-000001" in mail["Subject"]), None)


def the_requesters(words):
    """The bytes of a mail in whose subject or text these words stand."""
    for file in sorted(MAIL.glob("*.eml")):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if words in mail["Subject"] + mail.get_body(("plain",)).get_content():
            return file.read_bytes()
    return None


def trust():
    """The names are checked by guichet; here the server is called by its address."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def lookup(name, timeout=5):
    query = dns.message.make_query(name.decode(), dns.rdatatype.TXT)
    rrsets = Names.answer(query.to_wire()).answer
    return b"".join(rrsets[0][0].strings) if rrsets else None


def wait_for(look, what):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.2)
    sys.exit(f"{what} did not come within 60 s")


def tell(holds, what):
    print(what)
    sys.exit(not holds)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:] if sys.argv[1] != "ask" else [])
