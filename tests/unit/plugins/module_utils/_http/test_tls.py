# Copyright: (c) 2026, alicloud.chatapp contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and handshakes that go wrong in a way of their own: what is said, what helps, and that nothing is sent."""

from __future__ import annotations

import datetime
import ssl
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import trustme
from ansible_collections.alicloud.chatapp.plugins.module_utils._errors import OptionError, TransportError
from ansible_collections.alicloud.chatapp.plugins.module_utils._http import transport, trust
from attempts import NAME, attempt, failure, question, serving
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from raw_server import ConnectProxy, RawServer, answering, http

TLS_1_2 = ssl.TLSVersion.TLSv1_2
TLS_1_3 = ssl.TLSVersion.TLSv1_3


def url_of(server, host="localhost"):
    return f"https://{host}:{server.port}"


def refusal(server, ca_path, host="localhost"):
    """The one error of an attempt at a server with TLS that the client cannot or must not use."""
    return failure(url_of(server, host), context=trust.ssl_context(True, ca_path))


@pytest.mark.parametrize(
    ("host", "issued_for", "days", "words"),
    [
        ("localhost", "elsewhere.example", 9, "Give in endpoint a name that the certificate is for"),
        ("127.0.0.1", "127.0.0.9", 9, "Give in endpoint a name that the certificate is for"),
        ("localhost", "localhost", -1, "Renew the certificate, or set the clock"),
    ],
    ids=["wrong name", "wrong address", "expired"],
)
def test_a_remedy_that_helps_and_a_connection_that_stays_closed(authority, ca_path, host, issued_for, days, words):
    now = datetime.datetime.now(datetime.timezone.utc)
    tls = serving(
        authority, issued_for, not_before=now - datetime.timedelta(9), not_after=now + datetime.timedelta(days)
    )
    with answering(http(), tls=tls) as server:
        line = transport.Transport(url_of(server, host), 5.0, trust.ssl_context(True, ca_path))
        for _attempt in range(2):
            with pytest.raises(TransportError) as caught:
                line.connect()
            assert caught.value.code == "TLSFailure"
            assert words in caught.value.remedy
            assert not line.alive()
            with pytest.raises(TransportError):
                line.send(question(line))
        assert server.heads == []


def test_not_yet_valid(authority, ca_path):
    now = datetime.datetime.now(datetime.timezone.utc)
    tls = serving(authority, "localhost", not_before=now + datetime.timedelta(1), not_after=now + datetime.timedelta(9))
    with answering(http(), tls=tls) as server:
        error = refusal(server, ca_path)
    assert "not yet valid" in error.message
    assert "set the clock" in error.remedy


def certificate(names, key=None, issuer=None, issuer_key=None, extensions=()):
    """A certificate with exactly these extensions, as trustme makes none: as PEM and its key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(1))
        .not_valid_after(now + datetime.timedelta(9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key or key, hashes.SHA256()), key


def pem(found):
    return found.public_bytes(serialization.Encoding.PEM)


def context_of(tmp_path, found, key):
    path = tmp_path / "server.pem"
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(text + pem(found))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_self_signed(ca_path, tmp_path):
    with answering(http(), tls=context_of(tmp_path, *certificate(["localhost"]))) as server:
        error = refusal(server, ca_path)
    assert error.code == "TLSFailure"
    assert error.message.startswith("The certificate of the endpoint cannot be verified: self")
    assert error.remedy.startswith("Set ca_path to the certificate of the authority that issued it")


def is_strict():
    return bool(trust.ssl_context(True, None).verify_flags & ssl.VERIFY_X509_STRICT)


def test_a_certificate_that_only_python_3_13_calls_malformed(tmp_path):
    """What TLS-inspecting proxies make: no Authority Key Identifier."""
    basic = x509.BasicConstraints(ca=True, path_length=None)
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    root, root_key = certificate(["root.example"], extensions=[(basic, True), (usage, True)])
    leaf, key = certificate(["localhost"], issuer=root, issuer_key=root_key)
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(pem(root))
    with answering(http(), tls=context_of(tmp_path, leaf, key)) as server:
        line = transport.Transport(url_of(server), 5.0, trust.ssl_context(True, str(bundle)))
        if not is_strict():
            line.connect()
            return
        with pytest.raises(TransportError) as caught:
            line.connect()
    assert caught.value.code == "TLSFailure"
    assert caught.value.message == (
        "The certificate of the endpoint cannot be verified: Missing Authority Key Identifier."
    )
    assert "RFC 5280" in caught.value.remedy
    assert "Python 3.12" in caught.value.remedy


def test_newer_pythons_are_strict_with_newer_urllib3():
    urllib3 = pytest.importorskip("urllib3", minversion="2.4")
    assert urllib3
    assert is_strict() is (sys.version_info >= (3, 13))


# A certificate of the client


def demanding(authority, version):
    context = serving(authority, "localhost")
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    context.minimum_version = context.maximum_version = version
    return context


def test_a_certificate_of_the_client_is_demanded_in_the_handshake(authority, ca_path):
    with answering(http(), tls=demanding(authority, TLS_1_2)) as server:
        error = refusal(server, ca_path)
    assert error.code == "TLSFailure"
    assert "demands a certificate of the client" in error.remedy


def test_a_certificate_of_the_client_is_demanded_after_the_handshake(authority, ca_path):
    """With TLS 1.3 the client learns of it when it looks at the connection, or reads from it."""
    with answering(http(), tls=demanding(authority, TLS_1_3)) as server:
        line = transport.Transport(url_of(server), 5.0, trust.ssl_context(True, ca_path))
        line.connect()
        deadline = time.monotonic() + 5
        while line.alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert line.last_words.code == "TLSFailure"
        assert line.last_words.message == "The endpoint demands a certificate of the client."
        with pytest.raises(TransportError) as caught:
            line.send(question(line))
        assert server.heads == []
    # The server's reset can overtake what it said.
    assert caught.value.code in ("TLSFailure", "ConnectionLost")


def test_no_last_words_of_a_connection_that_was_but_closed(authority, ca_path):
    with answering(lambda line: line.send(http()), tls=serving(authority, "localhost")) as server:
        line = transport.Transport(url_of(server), 5.0, trust.ssl_context(True, ca_path))
        line.connect()
        line.send(question(line))
        deadline = time.monotonic() + 5
        while line.alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert line.last_words is None


# Versions


def test_no_version_in_common(authority, ca_path):
    tls = serving(authority, "localhost")
    tls.minimum_version = tls.maximum_version = TLS_1_2
    ours = trust.ssl_context(True, ca_path)
    ours.minimum_version = TLS_1_3
    with answering(http(), tls=tls) as server:
        error = failure(url_of(server), context=ours)
    assert error.code == "TLSFailure"
    assert "TLS 1.2 or newer is needed" in error.remedy


def test_an_endpoint_without_tls(ca_path):
    with RawServer(lambda line: line.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        error = refusal(server, ca_path)
    assert error.code == "TLSFailure"
    assert "does not speak TLS: check host and port of endpoint" in error.remedy


# Time and ends


def test_the_handshake_takes_half_of_the_limit(ca_path):
    with RawServer(lambda line: line.hang()) as server:
        started = time.monotonic()
        error = failure(url_of(server), 1.2, trust.ssl_context(True, ca_path))
        took = time.monotonic() - started
    assert (error.code, error.message) == ("TimedOut", "Connecting took longer than timeout allows.")
    assert 0.5 < took < 1.0


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["the proxy", "the endpoint behind it"])
def test_a_tunnel_takes_half_of_the_limit(monkeypatch, ca_path, answer):
    def script(line):
        line.head()
        line.send(answer)
        line.hang()

    with RawServer(script) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        started = time.monotonic()
        error = failure(f"https://{NAME}", 1.2, trust.ssl_context(True, ca_path))
        took = time.monotonic() - started
    assert error.code == "TimedOut"
    assert 0.5 < took < 1.0


@pytest.mark.parametrize("read", [0, 65536], ids=["at once", "after the greeting"])
def test_a_connection_that_ends_in_the_handshake_is_as_one_that_is_reset(ca_path, read):
    with RawServer(lambda line: line.sock.recv(read) if read else None) as server:
        error = refusal(server, ca_path)
    assert error.code == "Unreachable"


# TLS within TLS


def test_a_certificate_that_is_not_the_proxys(monkeypatch, names, authority, ca_path):
    with ConnectProxy(1, serving(authority, "elsewhere.example")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://localhost:{proxy.port}")
        error = failure(f"https://{NAME}", context=trust.ssl_context(True, ca_path))
    assert error.code == "TLSFailure"
    assert error.message.startswith("The certificate of the proxy cannot be verified: ")
    assert proxy.heads == []


def test_a_proxy_without_tls(monkeypatch, ca_path):
    with RawServer(lambda line: line.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://localhost:{proxy.port}")
        error = failure(f"https://{NAME}", context=trust.ssl_context(True, ca_path))
    assert error.message.startswith("No TLS connection to the proxy can be made: ")
    assert "begin its URL in HTTPS_PROXY with http://" in error.remedy


def test_a_certificate_that_is_not_the_endpoints_within_a_proxys_tls(monkeypatch, names, authority, ca_path):
    with answering(http(), tls=serving(authority, "elsewhere.example")) as server:
        with ConnectProxy(server.port, serving(authority, "localhost")) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"https://localhost:{proxy.port}")
            error = failure(f"https://{NAME}", context=trust.ssl_context(True, ca_path))
        assert error.message.startswith("The certificate of the endpoint cannot be verified: ")
        assert server.heads == []


def test_an_idle_connection_within_a_proxys_tls(monkeypatch, names, authority, ca_path):
    def once(line):
        line.send(http())

    with answering(http(), once, tls=serving(authority, NAME)) as server:
        with ConnectProxy(server.port, serving(authority, "localhost")) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"https://localhost:{proxy.port}")
            line = transport.Transport(f"https://{NAME}", 5.0, trust.ssl_context(True, ca_path))
            line.connect()
            time.sleep(0.1)
            assert line.alive()
            for _attempt in range(2):
                assert line.send(question(line)).status == 200
            deadline = time.monotonic() + 5
            while line.alive() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert not line.alive()
            assert server.connections == 1


# Bundles


@pytest.fixture
def three(tmp_path):
    """Three good certificates, each PEM."""
    return [trustme.CA(organization_name=str(number)).cert_pem.bytes() for number in range(3)]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda one, two, three: one + two.replace(b"MI", b"!!", 1) + three, "certificate 2 of 3 in it is damaged"),
        (lambda one, two, three: one + two[:200] + b"\n" + three, "certificate 2 of 3 in it is damaged"),
        (lambda one, two, three: one + two + three[:-60], "certificate 3 of 3 in it is damaged"),
        (lambda one, two, three: one[:60] + one[120:] + two, "certificate 1 of 2 in it is damaged"),
        (lambda one, two, three: one + two.replace(b"MI", b"\xff\xfe", 1), "certificate 2 of 2 in it is damaged"),
        (
            lambda one, two, three: one + "# TÜRKTRUST\n".encode() + two.replace(b"MI", b"!!", 1),
            "certificate 2 of 2 in it is damaged",
        ),
    ],
    ids=["not base64", "cut within", "cut at the end", "lines missing", "no letters at all", "beside a name"],
)
def test_one_bad_certificate_in_a_bundle(tmp_path, three, damage, words):
    path = tmp_path / "bundle.pem"
    path.write_bytes(damage(*three))
    with pytest.raises(OptionError) as caught:
        trust.ssl_context(True, str(path))
    assert str(caught.value) == f"ca_path cannot be read ({words}): replace it or take it out."


def test_what_stands_beside_the_certificates_of_a_bundle_harms_nothing(tmp_path, three):
    path = tmp_path / "bundle.pem"
    path.write_bytes(b"# Corporate root\r\n" + b"\r\n\r\n".join(three).replace(b"\n", b"\r\n"))
    assert len(trust.ssl_context(True, str(path)).get_ca_certs()) == 3


def test_der_instead_of_pem(tmp_path, three):
    path = tmp_path / "ca.crt"
    path.write_bytes(ssl.PEM_cert_to_DER_cert(three[0].decode()))
    with pytest.raises(OptionError, match=r"^ca_path cannot be read .it is DER, not PEM.: convert it by openssl x509"):
        trust.ssl_context(True, str(path))


def test_a_directory_without_hashed_names(tmp_path, three):
    (tmp_path / "root.pem").write_bytes(three[0])
    with pytest.raises(OptionError) as caught:
        trust.ssl_context(True, str(tmp_path))
    assert caught.value.message == (
        "ca_path is a directory in which no certificate is named by its hash;"
        " run openssl rehash on it, or give a PEM file."
    )


def test_a_bundle_that_cannot_be_read_without_a_reason(tmp_path, monkeypatch):
    def isdir(_path):
        raise OSError

    monkeypatch.setattr(trust.os.path, "isdir", isdir)
    with pytest.raises(OptionError) as caught:
        trust.ssl_context(True, str(tmp_path))
    assert caught.value.message == (
        "ca_path cannot be read (unreadable): give a PEM file or a directory of certificates."
    )


def test_what_is_asked_of_openssl(ca_path, monkeypatch):
    context = trust.ssl_context(True, ca_path)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    if ssl.HAS_NEVER_CHECK_COMMON_NAME:
        assert context.hostname_checks_common_name is False
    assert trust.ssl_context(False, None).verify_mode == ssl.CERT_NONE
    made, protocols = [], []

    def make(**asked):
        made.append(asked)
        return SimpleNamespace(set_alpn_protocols=protocols.append)

    monkeypatch.setattr(trust, "create_urllib3_context", make)
    trust.ssl_context(False, None)
    assert (made, protocols) == ([{"cert_reqs": ssl.CERT_NONE}], [["http/1.1"]])


def test_a_name_that_ends_in_a_dot_is_asked_for_without_it(authority, ca_path, names):
    with answering(http(), tls=serving(authority, NAME)) as server:
        names[f"{NAME}."] = [("127.0.0.1", server.port)]
        assert attempt(f"https://{NAME}.:{server.port}", context=trust.ssl_context(True, ca_path)).status == 200


# What is written for whoever looks into TLS


@pytest.mark.parametrize("validate_certs", [True, False])
def test_a_key_log_that_cannot_be_written(monkeypatch, tmp_path, validate_certs):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "missing" / "keys"))
    with pytest.raises(OptionError) as caught:
        trust.ssl_context(validate_certs, None)
    assert str(caught.value) == (
        "The environment's SSLKEYLOGFILE cannot be written (no such file or directory); "
        "unset it, or name a file that can be."
    )


def test_a_key_log_that_fails_without_a_reason():
    assert trust.keylog_error(OSError()) == (
        "The environment's SSLKEYLOGFILE cannot be written (unreadable); unset it, or name a file that can be."
    )


def test_a_release_of_requests_that_cannot_even_be_imported_then(tmp_path):
    script = (
        "import pathlib, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'requests':\n"
        f"            open('{tmp_path}/missing/keys', 'a')\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from ansible_collections.alicloud.chatapp.plugins.module_utils._session import client\n"
        "from ansible_collections.alicloud.chatapp.plugins.module_utils._http import transport\n"
        "print(transport.REQUESTS_IMPORT_ERROR, transport.unusable())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("None The environment's SSLKEYLOGFILE cannot be written (no such file or directory);")


@pytest.mark.parametrize("within", [False, True], ids=["TLS", "TLS within TLS"])
def test_a_body_that_ends_with_the_connection_but_without_tls_saying_so(monkeypatch, names, authority, ca_path, within):
    """Old load balancers end so; HTTP tells where a body ends, or JSON that it is cut."""

    def script(line):
        line.head()
        line.send(b"HTTP/1.0 200 OK\r\n\r\n{}")

    with RawServer(script, serving(authority, NAME)) as server:
        with ConnectProxy(server.port, serving(authority, "localhost")) as proxy:
            if within:
                monkeypatch.setenv("HTTPS_PROXY", f"https://localhost:{proxy.port}")
            else:
                names[NAME] = [("127.0.0.1", server.port)]
            assert attempt(f"https://{NAME}", context=trust.ssl_context(True, ca_path)).body == b"{}"
