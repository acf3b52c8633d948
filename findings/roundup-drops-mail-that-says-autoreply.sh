#!/bin/bash
# Roundup 2.6.0 (PyPI), classic template, SQLite, as shipped but for the permission that lets anybody write by mail.
# Seen on 27 November 2026, Debian 12, Python 3.11.
#
# Guess: the mail gateway ignores automatic answers, which it knows by Auto-Submitted and Precedence, perhaps also by a subject that
#   starts with "Autoreply:". What a person writes about such a thing opens an issue.
# Behaviour: a mail whose subject has the word "autoreply" anywhere but at its start is thrown away: exit status 0, no bounce,
#   nothing on stdout or stderr. A mail that starts with it is taken in and answered. (The test for the word
#   passes over the start of the subject.) So "Re: AutoReply: …", an answer to the confirmation of another tracker, is lost without a word.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check roundup==2.6.0
tracker=$work/tracker; export SENDMAILDEBUG=$work/sent
admin() { "$work/venv/bin/roundup-admin" -i "$tracker" -u admin "$@"; }
admin install classic sqlite >/dev/null
sed -i -E 's|^#?web *=.*|web = http://127.0.0.1/|; s|^#?domain *=.*|domain = tracker.example|; s|^#?host *=.*|host = 127.0.0.1|' "$tracker/config.ini"
sed -i "s|^#\(db.security.addPermissionToRole('Anonymous', 'Email Access')\)|\1|" "$tracker/schema.py"
admin initialise secret >/dev/null
for subject in 'Our autoreply has a typing error' 'Re: AutoReply: Badge reader is late' 'Autoreply has a typing error'; do
    : >"$SENDMAILDEBUG"
    said=$("$work/venv/bin/roundup-mailgw" "$tracker" 2>&1 <<X
From: ann@people.example
To: issue_tracker@tracker.example
Subject: $subject
Date: Fri, 27 Nov 2026 10:00:00 +0000
Message-ID: <$RANDOM$RANDOM@people.example>

Please have a look.
X
    ) && status=0 || status=$?
    echo "$subject: exit status $status, said “$said”, $(grep -c '^Subject:' "$SENDMAILDEBUG" || true) mails; issues: $(admin list issue | xargs)"
done | tee "$work/seen"
cmp -s "$work/seen" - <<X || { echo "It behaves otherwise now."; exit 1; }
Our autoreply has a typing error: exit status 0, said “”, 0 mails; issues: 
Re: AutoReply: Badge reader is late: exit status 0, said “”, 0 mails; issues: 
Autoreply has a typing error: exit status 0, said “”, 0 mails; issues: 1: Autoreply has a typing error
X
