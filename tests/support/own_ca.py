"""A certificate authority of a company's own: it signs servers' certificates for one host name."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class OwnCa:
    """``file``: the authority's certificate, which clients are given."""

    def __init__(self, folder: Path, name: str = "Our own CA") -> None:
        self._folder, self._name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        folder.mkdir(parents=True, exist_ok=True)
        self.file = str(folder / "ca.pem")
        made = self._signed(self._name, self._key.public_key(), datetime.now(UTC) + DAY, own=True)
        Path(self.file).write_bytes(made.public_bytes(Encoding.PEM))

    def issue(self, host: str = "localhost", *, until: datetime | None = None) -> Path:
        """Return a file with a server's private key and its certificate for ``host``."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        made = self._signed(subject, key.public_key(), until or datetime.now(UTC) + DAY, host=host)
        path = self._folder / f"{host}-{made.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
        )
        return path

    def of_server(self, host: str = "localhost", *, until: datetime | None = None) -> ssl.SSLContext:
        """Return how a server of ``host`` speaks TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.issue(host, until=until))
        return context

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime, host: str = "", *, own: bool = False
    ) -> x509.Certificate:
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - 30 * DAY)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if own:
            usage = dict.fromkeys(
                ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                 "encipher_only", "decipher_only"), False,
            )  # fmt: skip
            made = made.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        if host:
            made = made.add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
        return made.sign(self._key, hashes.SHA256())


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
