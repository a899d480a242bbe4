"""Small secrets that the database keeps for a while, encrypted under a key derived from SECRET_KEY.

A backup of the database alone opens nothing; each purpose has a key of its own.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def locked(secret: str, key: str, purpose: str) -> str:
    """The secret as the database may hold it."""
    return _box(key, purpose).encrypt(secret.encode()).decode()


def opened(kept: str, key: str, purpose: str) -> str | None:
    """The secret again; None if it was locked before SECRET_KEY was changed."""
    try:
        return _box(key, purpose).decrypt(kept.encode()).decode()
    except InvalidToken:
        return None


def _box(key: str, purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
