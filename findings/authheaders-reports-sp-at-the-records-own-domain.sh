#!/bin/sh
# authheaders 0.16.3 (PyPI), with dkimpy 1.1.8 and dnspython 2.9.2.
# Seen on 29 November 2026, Debian 12, Python 3.11.
#
# Guess: "p=" of a DMARC record is for its own domain, "sp=" for the domains below it (RFC 7489 section 6.3, RFC 9989 section
#   4.7). Of a mail From ann@example.com, whose record says "p=reject; sp=none", the policy that is reported is reject; of one
#   From ann@sub.example.com it is none.
# Behaviour: it is none for both. policy.dmarc names sp wherever the record has one, at its own domain too, and so in either
#   direction: "p=none; sp=reject" is reported as reject. It is the same with dmarcbis=True. The result (pass, fail) and the
#   comment, which says "Used From Domain Record", are right.
#   The variable by which sp is chosen is meant to be set for records of a parent alone; it is set to the From domain, too.
# Whoever goes by policy.dmarc (a filter, a statistic of records) takes p from the record of the From domain itself.
# The record is given in place of an answer of a name server: nothing is looked up.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check authheaders==0.16.3 authres==1.2.0 dkimpy==1.1.8 \
    dnspython==2.9.2 publicsuffix2==2.20191221
cat > "$work/policies.py" <<'X'
from authheaders import authenticate_message

def reported(domain, record, **how):
    mail = "\r\n".join([f"From: Ann <ann@{domain}>", "To: bob@people.example", "Subject: Lunch",
        "Date: Sun, 29 Nov 2026 10:00:00 +0000", f"Message-ID: <1@{domain}>", "", "At noon?", ""]).encode()
    names = {"_dmarc.example.com": record}
    value = authenticate_message(mail, "mx.people.example", spf=False, dkim=False, arc=False,
        dnsfunc=lambda name, **_: names.get(str(name).rstrip(".")), **how)
    return value.split("policy.dmarc=")[1].split()[0]

for record in ["v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=none", "v=DMARC1; p=none; sp=reject"]:
    print(f"{record[10:]}: {reported('example.com', record)} at example.com, {reported('sub.example.com', record)} below it;",
        f"by RFC 9989: {reported('example.com', record, dmarcbis=True)}, {reported('sub.example.com', record, dmarcbis=True)}")
X
seen=$("$work/venv/bin/python" -W ignore "$work/policies.py")
echo "$seen"
[ "$seen" = 'p=reject: reject at example.com, reject below it; by RFC 9989: reject, reject
p=reject; sp=none: none at example.com, none below it; by RFC 9989: none, none
p=none; sp=reject: reject at example.com, reject below it; by RFC 9989: reject, reject' ] ||
    { echo "It behaves otherwise now."; exit 1; }
# p=reject: reject at example.com, reject below it; by RFC 9989: reject, reject
# p=reject; sp=none: none at example.com, none below it; by RFC 9989: none, none
# p=none; sp=reject: reject at example.com, reject below it; by RFC 9989: reject, reject
