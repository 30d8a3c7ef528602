"""Certificates for the fake behind TLS: a CA of our own, added to what each trusts at AWS's own addresses.

That is Mozilla's list for boto3, which a process has to parse, and for the SDK as it comes the same list as a Lambda sandbox has it.
Our functions have Amazon's own five authorities built in (ADR 22), but only for those addresses; here they read the five from a file.
"""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

import botocore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

AMAZONS = Path(__file__).resolve().parent.parent.parent / "shared/aws/src/http/amazon-roots.pem"
DAY = datetime.timedelta(days=1)


@dataclass
class Certificates:
    chain: Path
    key: Path
    trusted: Path
    # The same for who trusts nobody but Amazon.
    amazons: Path


def make(directory):
    """Makes them anew; they are good for two days."""
    made = Certificates(directory / "chain.pem", directory / "key.pem", directory / "trusted.pem", directory / "amazons.pem")
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Benchmark CA")])
    ca = (
        _certificate(ca_name, ca_name, ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    # Chains of AWS's services are longer, and their leaves RSA; a client's work is nearly the same.
    leaf = (
        _certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), ca_name, key)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    made.chain.write_bytes(_pem(leaf) + _pem(ca))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    roots = Path(botocore.__file__).with_name("cacert.pem")
    made.trusted.write_bytes(roots.read_bytes() + _pem(ca))
    made.amazons.write_bytes(AMAZONS.read_bytes() + _pem(ca))
    return made


def _certificate(subject, issuer, key):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 2 * DAY)
    )


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)
