#!/bin/bash
# nullmailer 1:2.2-4 (Debian 12), as shipped, with one relay.
# Seen on 28 November 2026. Runs as root, in a root of its own (debootstrap) without a network but its own loopback.
#
# Guess: when the relay takes one recipient of a letter and refuses another, the first gets the letter and the sender is told of the second.
# Behaviour: nobody gets it. nullmailer ends the session at the first refusal, and its report says of every recipient "Action: failed",
#   "Status: 5.1.1" and the reply that was given for the refused one, even of those whom the relay had just taken.
#   Who believes Final-Recipient and Status strikes good addresses off; the address in Diagnostic-Code is the one that is dead.
set -eu
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
( cd "$work"; apt-get download -q debootstrap >/dev/null 2>&1; dpkg -x debootstrap_*.deb tool )
DEBOOTSTRAP_DIR=$work/tool/usr/share/debootstrap "$work/tool/usr/sbin/debootstrap" --variant=minbase \
    --include=nullmailer,python3,iproute2 bookworm "$work/root" >"$work/log" 2>&1 || { tail -3 "$work/log"; exit 1; }
version=$(chroot "$work/root" dpkg-query -W -f '${Version}' nullmailer)
[ "$version" = 1:2.2-4 ] || { echo "nullmailer is $version now."; exit 1; }
cat >"$work/root/relay.py" <<'Y'
"""The relay: refuses gone@client.example, takes the others, and keeps what it is given, by recipient."""
import re, socketserver
class Session(socketserver.StreamRequestHandler):
    def handle(self):
        say = lambda line: self.wfile.write(line.encode() + b'\r\n')
        say('220 relay')
        to = []
        for line in self.rfile:
            line = line.decode('latin-1').strip()
            if line.upper() == 'DATA':
                say('354 go on')
                with open('/got-' + to[0], 'ab') as file:
                    for line in self.rfile:
                        if line == b'.\r\n': break
                        file.write(line.replace(b'\r', b''))
                say('250 2.0.0 taken')
            elif line.upper() == 'QUIT': return say('221 bye')
            elif line.upper().startswith('RCPT'):
                address = re.search('<(.*?)>', line).group(1)
                if address.startswith('gone@'): say(f'550 5.1.1 <{address}>: User unknown')
                else: to.append(address); say('250 2.1.5 ok')
            else: say('250 ok')
socketserver.ThreadingTCPServer(('127.0.0.1', 2526), Session).serve_forever()
Y
cat >"$work/root/inside.sh" <<'Y'
ip link set lo up
python3 /relay.py & echo '127.0.0.1 smtp --port=2526' >/etc/nullmailer/remotes
[ -p /var/spool/nullmailer/trigger ] || { mkfifo /var/spool/nullmailer/trigger; chown mail /var/spool/nullmailer/trigger; }
nullmailer-send >/log 2>&1 & sleep 2
printf 'From: ann@people.example\nTo: ben@client.example, gone@client.example\nSubject: Badge reader\n\nIt is late.\n' |
    sendmail -f ann@people.example ben@client.example gone@client.example
for i in $(seq 60); do [ -s /got-ann@people.example ] && break; sleep 1; done; sleep 2
[ -e /got-ben@client.example ] && echo 'ben got the letter' || echo 'ben got nothing'
grep -E '^(Final-Recipient|Action|Status|Diagnostic-Code):' /got-ann@people.example
Y
unshare --net --uts --pid --ipc --mount --fork --kill-child chroot "$work/root" timeout 100 bash /inside.sh 2>/dev/null | tee "$work/seen"
cmp -s "$work/seen" - <<'X' || { echo "It behaves otherwise now."; exit 1; }
ben got nothing
Final-Recipient: rfc822; ben@client.example
Action: failed
Status: 5.1.1
Diagnostic-Code: SMTP; 550 5.1.1 <gone@client.example>: User unknown
Final-Recipient: rfc822; gone@client.example
Action: failed
Status: 5.1.1
Diagnostic-Code: SMTP; 550 5.1.1 <gone@client.example>: User unknown
X
