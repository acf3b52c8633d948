#!/bin/bash
# GNU Mailutils 1:3.15-4 (Debian 12), `sieve` with the vacation action, as shipped; its mailer is a script that prints what it is given.
# Seen on 28 November 2026. Runs as root, in a root of its own (debootstrap).
#
# Guess: a Sieve "vacation" answers no automatic mail (RFC 3834 §2, RFC 5230 §4.6), and its answer can be known: RFC 5230 §5 asks for
#   "Auto-Submitted: auto-replied", an empty return path, and the Message-ID answered in In-Reply-To.
# Behaviour: it leaves out "Precedence: bulk" and MAILER-DAEMON, but answers "Auto-Submitted: auto-replied" and a list's mail. The answer
#   has no mark, the person's address as return path, and words before the id in In-Reply-To ("Your message of … <id>").
#   So another such responder answers it, and a desk that acknowledges takes it for a letter of a person.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
( cd "$work"; apt-get download -q debootstrap >/dev/null 2>&1; dpkg -x debootstrap_*.deb tool )
DEBOOTSTRAP_DIR=$work/tool/usr/share/debootstrap "$work/tool/usr/sbin/debootstrap" --variant=minbase \
    --include=mailutils bookworm "$work/root" >"$work/log" 2>&1 || { tail -3 "$work/log"; exit 1; }
version=$(chroot "$work/root" dpkg-query -W -f '${Version}' mailutils)
[ "$version" = 1:3.15-4 ] || { echo "mailutils is $version now."; exit 1; }
cat >"$work/root/inside.sh" <<'Y'
hostname localhost; useradd -m ben; cd /home/ben
printf '#!/bin/sh\n(echo "given: $*"; cat; echo) >>/home/ben/sent\n' >/mailer; chmod 755 /mailer
printf 'require "vacation";\nvacation :days 1 "I am away until Monday.";\n' >/vacation.sieve
answer() { # AUTHOR FIELD
    printf 'From %s Sat Nov 28 02:00:00 2026\nReturn-Path: <%s>\nFrom: %s\nTo: ben@localhost\nSubject: Badge reader\nDate: Sat, 28 Nov 2026 02:00:00 +0000\nMessage-ID: <1@people.example>\n%s\n\nIt is late.\n\n' "$1" "$1" "$1" "$2" >mailbox
    : >sent; chown ben mailbox sent
    su ben -c 'sieve --mbox-url=/home/ben/mailbox --email=ben@localhost --mailer=sendmail:/mailer /vacation.sieve'
    echo "to $1, $2: $(grep -c ^given: sent || true) answer"
}
answer ann@people.example 'X-Mailer: none'; cp sent first
answer amy@people.example 'Auto-Submitted: auto-replied'
answer abe@people.example 'Precedence: bulk'
answer ada@people.example 'List-Id: <users.people.example>'
answer MAILER-DAEMON@people.example 'X-Mailer: none'
cat first
Y
unshare --net --uts --pid --ipc --mount --fork --kill-child chroot "$work/root" timeout 100 bash /inside.sh 2>/dev/null | tee "$work/seen"
cmp -s "$work/seen" - <<'X' || { echo "It behaves otherwise now."; exit 1; }
to ann@people.example, X-Mailer: none: 1 answer
to amy@people.example, Auto-Submitted: auto-replied: 1 answer
to abe@people.example, Precedence: bulk: 0 answer
to ada@people.example, List-Id: <users.people.example>: 1 answer
to MAILER-DAEMON@people.example, X-Mailer: none: 0 answer
given: -oi -f ben@localhost ann@people.example
MIME-Version: 1.0
Content-Type: text/plain;charset=UTF-8
Content-Transfer-Encoding: 8bit
To: ann@people.example
Subject: =?UTF-8?Q?Re:_Badge_reader?=
In-Reply-To: Your message of Sat, 28 Nov 2026 02:00:00 +0000
	<1@people.example>
References: <1@people.example>

I am away until Monday.
X
