#!/bin/bash
# Roundup 2.6.0 (PyPI), classic template, SQLite, as shipped but for the permission that lets anybody write by mail.
# Seen on 27 November 2026, Debian 12, Python 3.11.
#
# Guess: a new mail whose subject is "[Priority 1] Printer on fire" opens an issue, or is refused because "Priority" is no
#   class of issues. A tracker tells its own mark, [issue12], from other words in brackets.
# Behaviour: the mail becomes a comment on issue 1, whoever's it is, and issue 1 is renamed "Printer on fire". Any class of the
#   tracker counts (file, keyword, msg, priority, query, status, user), in any case. The class is found without regard to case,
#   then looked up as written; "Priority" is not found, the default class "issue" takes its place, and the number is kept.
#   "[priority 1]" in small letters is refused, and "[Urgent 1]" opens an issue as one would expect.
# Whoever writes to such a tracker puts its mark before the words of others, or leaves those out of the subject.
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
mail() { # FROM SUBJECT
    "$work/venv/bin/roundup-mailgw" "$tracker" <<X
From: $1
To: issue_tracker@tracker.example
Subject: $2
Date: Fri, 27 Nov 2026 10:00:00 +0000
Message-ID: <$RANDOM$RANDOM@people.example>

Please have a look.
X
}
mail ann@people.example 'Badge reader is late'
echo "before: $(admin list issue | xargs)"
mail bob@people.example '[Priority 1] Printer on fire'
after=$(admin list issue | xargs); comments=$(admin get messages issue1)
echo "after:  $after; messages of issue 1: $comments"
mail bob@people.example '[priority 1] Printer on fire'
mail bob@people.example '[Urgent 1] Printer on fire'
refused=$(grep -c '^Subject: Failed issue tracker submission' "$work/sent" || true); last=$(admin list issue | xargs)
echo "in small letters, and with another word: $refused refused; $last"
[ "$after" = '1: Printer on fire' ] && [ "$comments" = "['1', '2']" ] && [ "$refused" = 1 ] && [ "$last" = '1: Printer on fire 2: [Urgent 1] Printer on fire' ] ||
    { echo "It behaves otherwise now."; exit 1; }
# before: 1: Badge reader is late
# after:  1: Printer on fire; messages of issue 1: ['1', '2']
# in small letters, and with another word: 1 refused; 1: Printer on fire 2: [Urgent 1] Printer on fire
