#!/bin/bash
# Courier IMAP 5.0.13+1.0.16-3+b6 (Debian 12, courier-imap), its default settings but for the port and the accounts, in a root of its own.
# Seen on 29 November 2026. Runs as root; unpacks Debian's packages in a temporary folder, installs nothing.
#
# Guess: a server that offers IDLE tells of a mail within a second or two of its arrival (RFC 2177: "the server sends untagged EXISTS as they occur"),
#   above all of one that the same server took by APPEND.
# Behaviour: it looks once a minute (IMAP_IDLE_TIMEOUT=60), counted from the start of IDLE; the mail is told of up to 60 seconds late. IMAP_ENHANCEDIDLE=1 with
#   gamin tells at once, and is off. SELECT tells no UIDNEXT either (RFC 3501 §6.3.1), STATUS does.
# Whoever relies on IDLE asks with NOOP besides.
set -eu
work=$(mktemp -d); chmod 755 "$work"; root=$work/root port=24262; daemons=
trap 'kill $daemons 2>/dev/null || true; sleep 1; rm -rf "$work"' EXIT
mkdir -p "$work/debs/partial" "$root"
apt-get install -qq --yes --no-install-recommends --download-only -o Dir::Cache::archives="$work/debs" courier-imap courier-authlib-userdb >"$work/log" 2>&1 || { tail -3 "$work/log"; exit 1; }
for deb in "$work"/debs/*.deb; do case $deb in */libc6_*|*/libc-bin_*) ;; *) dpkg -x "$deb" "$root" ;; esac; done
version=$(cd "$work/debs"; ls | sed -n 's/^courier-imap_\(.*\)_[a-z0-9]*\.deb$/\1/p')
[ "$version" = 5.0.13+1.0.16-3+b6 ] || { echo "courier-imap is ${version:-installed} now."; exit 1; }
mkdir -p "$root"/{bin,dev,tmp,run/courier/authdaemon,mail/ann}
cp -L /bin/sh "$root/bin/"; cp -a /dev/null /dev/urandom "$root/dev/"
libraries=$(echo "$root"/usr/lib/*-linux-gnu "$root"/lib/*-linux-gnu "$root/usr/lib" "$root/usr/lib/courier-authlib" | tr ' ' ':')
{ ldd /bin/sh; find "$root" -type f '(' -perm -1 -o -name '*.so*' ')' | while read -r file; do LD_LIBRARY_PATH=$libraries ldd "$file" 2>/dev/null || :; done; } |
    grep -o '/[^ ]*[.]so[^ ]*' | sort -u | while read -r library; do
        case $library in "$root"/*) ;; *) mkdir -p "$root${library%/*}"; cp -L "$library" "$root$library" ;; esac
    done
{ getent passwd root nobody; echo 'courier:x:998:998::/:/bin/sh'; } >"$root/etc/passwd"; { getent group root nogroup; echo 'courier:x:998:'; } >"$root/etc/group"
sed -i 's/^authmodulelist=.*/authmodulelist="authuserdb"/' "$root/etc/courier/authdaemonrc"
database() { chroot "$root" /usr/lib/courier/courier-authlib/makedatprog - "/tmp/$1" "/etc/courier/$1.dat"; }
printf 'ann\tuid=65534|gid=65534|home=/mail/ann|_=\n.\n' | database userdb
printf 'ann\timappw=$1$guichet$IJa8gbl9Ch4zK1CnCf6T8/\n.\n' | database userdbshadow; chmod 600 "$root"/etc/courier/userdb*.dat
chroot "$root" /usr/bin/maildirmake.courier /mail/ann/Maildir; chown -R 65534:65534 "$root/mail"
chroot "$root" /usr/lib/courier/courier-authlib/authdaemond 2>"$work/log" & daemons=$!
( set -a; . "$root/etc/courier/imapd"; exec chroot "$root" /usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=9 -maxperip=9 -nodnslookup -noidentlookup \
    $port /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir ) 2>>"$work/log" & daemons="$daemons $!"
cat >"$work/client.py" <<'X'
import imaplib, sys, time
def client():
    for _ in range(100):
        try: imap = imaplib.IMAP4('127.0.0.1', int(sys.argv[1])); break
        except OSError: time.sleep(.1)
    time.sleep(1); imap.login('ann', 'correct-horse'); return imap
one, other = client(), client()
print('IDLE offered:', 'IDLE' in one.capabilities)
one.select('INBOX')
print('UIDNEXT in SELECT:', one.untagged_responses.get('UIDNEXT'), 'in STATUS:', b'UIDNEXT 1' in other.status('INBOX', '(UIDNEXT)')[1][0])
one.send(b'i IDLE\r\n'); one.readline(); began = time.time()
other.append('INBOX', None, None, b'Subject: Badge reader\r\n\r\nIt is late.\r\n')
one.sock.settimeout(90)
while b'1 EXISTS' not in one.readline(): pass
print('told of a mail after 50 to 70 seconds:', 50 < time.time() - began < 70)
X
python3 "$work/client.py" $port | tee "$work/seen"
cmp -s "$work/seen" - <<'X' || { echo "It behaves otherwise now."; exit 1; }
IDLE offered: True
UIDNEXT in SELECT: None in STATUS: True
told of a mail after 50 to 70 seconds: True
X
# IDLE offered: True
# UIDNEXT in SELECT: None in STATUS: True
# told of a mail after 50 to 70 seconds: True
