#!/usr/bin/env python3
"""Makes what a NATS server of an operator needs, and the files of its users.

    nats_jwt.py DIR

DIR/conf has lines for the server's configuration: an operator, a system account, and an account
with JetStream.  DIR/user.creds is a user of it; DIR/stranger.creds one of an account that the
server does not know; DIR/forged.creds has the key of another user.  Signatures are by openssl.
"""
import base64
import json
import os
import sys

import nats

OPERATOR, ACCOUNT, USER = 14 << 3, 0, 20 << 3
NO_LIMITS = {"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1,
             "wildcards": True, "conn": -1, "leaf": -1}
JETSTREAM = {"mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1}


class Key:
    """A key pair with the names that NATS has for it."""

    def __init__(self, kind):
        self.bytes = os.urandom(32)
        self.seed = nats.base32(bytes([(18 << 3) | (kind >> 5), (kind & 31) << 3]), self.bytes)
        der = nats.openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER",
                           stdin=nats.PKCS8 + self.bytes)
        self.name = nats.base32(bytes([kind]), der[-32:])


def base64url(data):
    """As JWTs have it."""
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def claim(issuer, subject, kind, what):
    """A JWT of one about another."""
    text = base64url({"typ": "JWT", "alg": "ed25519-nkey"}) + "." + base64url(
        {"jti": os.urandom(16).hex(), "iat": 1767225600, "iss": issuer.name, "name": kind,
         "sub": subject.name, "nats": {"type": kind, "version": 2, **what}})
    return text + "." + nats.sign(issuer.bytes, text.encode())


def write_creds(path, jwt, user):
    """The file of a user."""
    with open(path, "w", encoding="ascii") as file:
        file.write(f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
                   f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n")


def main():
    """All of it."""
    folder = sys.argv[1]
    operator, system, account, stranger = (Key(kind) for kind in
                                           (OPERATOR, ACCOUNT, ACCOUNT, ACCOUNT))
    user, other = Key(USER), Key(USER)
    rights = {"pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1}
    trusted = claim(operator, operator, "operator", {"system_account": system.name})
    preload = {system.name: claim(operator, system, "account", {"limits": NO_LIMITS}),
               account.name: claim(operator, account, "account",
                                   {"limits": {**NO_LIMITS, **JETSTREAM}})}
    jwt = claim(account, user, "user", rights)
    write_creds(os.path.join(folder, "user.creds"), jwt, user)
    write_creds(os.path.join(folder, "forged.creds"), jwt, other)
    write_creds(os.path.join(folder, "stranger.creds"),
                claim(stranger, user, "user", rights), user)
    with open(os.path.join(folder, "conf"), "w", encoding="ascii") as file:
        file.write(f"operator: {trusted}\nsystem_account: {system.name}\nresolver: MEMORY\n"
                   "resolver_preload: {\n"
                   + "".join(f"{name}: {text}\n" for name, text in preload.items()) + "}\n")


if __name__ == "__main__":
    main()
