"""How an endpoint is reached: headers, certificates, proxy, settings, patience; and what is written to the log."""

import logging
import socket
import ssl
import subprocess
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import EndpointError, InputError
from rag import Settings
from rag.llm.connection import Connection, Endpoint
from rag.llm.endpoint import EndpointModel, open_model
from rag.llm.profile import Profile, load_profile, save_profile
from tests.support.scripted import events, refused, stream, whole

KEY = "sk-secret-4711"
HELLO = [{"role": "user", "content": "望江区建成中试车间多少间？"}]


def write(server, **options):
    server.replies = server.replies or [whole("23")]
    given = {"base_url": server.url, "model": "m", "api_key": KEY, "timeout": 3.0} | options
    return EndpointModel(Endpoint(**given), delay=0.01).write(HELLO)


def test_extra_headers_are_sent_and_stand_instead_of_the_usual_ones(server):
    write(server, headers=(("api-key", "az-secret"), ("Authorization", "Basic xyz")))
    assert server.headers[0]["api-key"] == "az-secret"
    assert server.headers[0]["Authorization"] == "Basic xyz"


def test_headers_are_hidden_in_errors(server):
    server.replies = [refused("bad key az-secret", 401)]
    with pytest.raises(EndpointError) as caught:
        write(server, headers=(("api-key", "az-secret"),))
    assert "az-secret" not in str(caught.value)
    assert "az-secret" not in repr(Endpoint("http://x", "m", headers=(("api-key", "az-secret"),)))


def test_the_base_url_is_taken_literally(server):
    paths = []
    server.listed = (200, {}, "{}")
    original = server.answer
    server.answer = lambda handler, *reply: (paths.append(handler.path), original(handler, *reply))
    write(server, base_url=server.url.replace("/v1", "/openai/deployments/d/?api-version=2"))
    write(server, base_url=server.url.replace("/v1", ""))
    assert paths == ["/openai/deployments/d/chat/completions?api-version=2", "/chat/completions"]


def test_user_and_password_in_the_address_are_never_shown(server):
    server.replies = [refused("no", 401)]
    with pytest.raises(EndpointError) as caught:
        write(server, base_url=server.url.replace("//", "//anna:geheim@"), api_key=None)
    assert server.headers[0]["Authorization"].startswith("Basic ")
    assert "geheim" not in str(caught.value)


def test_a_proxy_is_used_when_set(server):
    assert write(server, base_url="http://model.invalid/v1", proxy=server.url.removesuffix("/v1")).text == "23"
    assert server.headers[0]["Host"] == "model.invalid"


def test_the_usual_proxy_variables_count(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
    assert write(server, base_url="http://model.invalid/v1").text == "23"


@pytest.mark.parametrize("proxy", ["nowhere", "ftp://x", "http://[::1"])
def test_a_proxy_that_is_none_is_said(server, proxy):
    with pytest.raises(EndpointError, match="FOOTNOTE_PROXY"):
        write(server, proxy=proxy)


ODD = ["not an address", "ftp://x/v1", "http://[::1", "http://", "http://a:99999/v1", "http://a:b/v1", "http://a..b/v1"]


@pytest.mark.parametrize("url", [*ODD, "http://\x00/v1", "/v1", "", "http:///v1"])
def test_what_is_no_address_is_said(url):
    with pytest.raises(EndpointError, match=r"not an address|cannot be reached"):
        EndpointModel(Endpoint(url, "m", retries=0)).write(HELLO)


@pytest.mark.parametrize("options", [{"api_key": "钥匙"}, {"api_key": "a\nb"}, {"headers": (("x", "ключ"),)}])
def test_characters_that_no_header_may_have_are_said_and_not_shown(server, options):
    with pytest.raises(EndpointError, match="characters") as caught:
        write(server, **options)
    assert not [text for text in ("钥匙", "a\nb", "ключ") if text in str(caught.value)]


def test_nobody_listening_is_said_soon():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        with pytest.raises(EndpointError, match="start it, or check"):
            EndpointModel(Endpoint(url, "m"), delay=0.01).write(HELLO)


def test_a_server_that_drips_its_headers_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip():
            connection, _ = listening.accept()
            try:
                for byte in b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.02)
            except OSError:
                connection.close()

        threading.Thread(target=drip, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        start = time.monotonic()
        with pytest.raises(EndpointError, match=r"0\.4 s"):
            EndpointModel(Endpoint(url, "m", timeout=0.4)).write(HELLO)
        assert time.monotonic() - start < 3


@pytest.fixture
def secure(server, tmp_path):
    """The server behind TLS, with a certificate that it signed itself."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost".split()
    made += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    server.url = server.url.replace("http:", "https:")
    return certificate


def test_certificates_of_ones_own(server, secure, tmp_path):
    with pytest.raises(EndpointError, match="FOOTNOTE_CA_BUNDLE"):
        write(server)
    assert write(server, ca_bundle=secure).text == "23"
    server.replies = [stream(*events("2")[:2], 5)]
    start = time.monotonic()
    with pytest.raises(EndpointError, match=r"0\.3 s"):
        write(server, ca_bundle=secure, timeout=0.3)
    assert time.monotonic() - start < 4
    (tmp_path / "empty.pem").write_text("")
    for bundle in ("empty.pem", "missing.pem"):
        with pytest.raises(EndpointError, match=f"{bundle}.* PEM"):
            write(server, ca_bundle=tmp_path / bundle)


def test_settings_come_from_the_environment(tmp_path):
    environment = {
        "FOOTNOTE_MODEL": "m",
        "FOOTNOTE_HEADERS": "api-key: az-secret\nX-Team: a: b\n",
        "FOOTNOTE_PROXY": "http://anna:geheim@proxy:3128",
        "FOOTNOTE_CA_BUNDLE": "ca.pem",
        "FOOTNOTE_CONNECT_TIMEOUT": "1",
        "FOOTNOTE_FIRST_TOKEN_TIMEOUT": "2",
        "FOOTNOTE_TOKEN_TIMEOUT": "3",
        "FOOTNOTE_TIMEOUT": "4",
        "FOOTNOTE_RETRIES": "0",
    }
    settings = Settings.load(environment)
    endpoint = open_model(settings).endpoint
    assert endpoint.headers == (("api-key", "az-secret"), ("X-Team", "a: b"))
    assert (endpoint.connect_timeout, endpoint.first_token_timeout, endpoint.token_timeout) == (1, 2, 3)
    assert (endpoint.timeout, endpoint.retries, str(endpoint.ca_bundle)) == (4, 0, "ca.pem")
    assert endpoint.proxy == "http://anna:geheim@proxy:3128"
    assert not [secret for secret in ("az-secret", "geheim") if secret in f"{settings!r} {settings} {endpoint!r}"]


def test_settings_that_cannot_be_used_are_named_and_not_shown():
    with pytest.raises(InputError, match="headers") as caught:
        Settings.load({"FOOTNOTE_HEADERS": "az-secret"})
    assert "az-secret" not in str(caught.value)
    with pytest.raises(InputError, match="--model"):
        open_model(Settings())


def test_the_log_holds_no_text_and_no_key(server, caplog):
    caplog.set_level(logging.DEBUG, "footnote")
    server.replies = [refused(f"{HELLO[0]['content']} {KEY}", 500), whole("二十三间。")]
    write(server)
    assert "attempt 1" in caplog.text
    assert "total_tokens" in caplog.text
    assert not [text for text in (KEY, HELLO[0]["content"], "二十三间") if text in caplog.text]


def test_a_profile_is_kept_for_each_endpoint_without_secrets(tmp_path):
    first = Profile(frozenset({"stream=true", "temperature"}), reasoning="unopened", context=4096)
    save_profile(tmp_path, "http://anna:geheim@a/v1?key=az-secret", "m", first)
    save_profile(tmp_path, "http://b/v1", "m", Profile())
    assert load_profile(tmp_path, "http://a/v1", "m") == first
    assert load_profile(tmp_path, "http://a/v1", "other") is None
    [file] = tmp_path.iterdir()
    assert not [secret for secret in ("geheim", "az-secret") if secret in file.read_text()]
    file.write_text('{"schema": 1, "endpoints": {"http://a/v1 m": {"refused": [], "colour": 1}}}')
    assert load_profile(tmp_path, "http://a/v1", "m") is None
    file.write_text("[")
    assert load_profile(tmp_path, "http://a/v1", "m") is None


def test_a_profile_saves_the_refused_request(server, tmp_path):
    save_profile(tmp_path, server.url, "m", Profile(frozenset({"stream=true", "temperature", "max_tokens"})))
    server.replies = [whole("23")]
    settings = Settings(model="m", base_url=server.url, temperature=0.2, max_tokens=9)
    open_model(settings, tmp_path).write(HELLO)
    assert server.requests == [{"model": "m", "messages": HELLO, "stream": False, "max_completion_tokens": 9}]
    save_profile(tmp_path, server.url, "m", Profile(usage_when_asked=True))
    server.replies = [stream(*events("2"))]
    list(open_model(settings, tmp_path)._attempts(HELLO, stream=True))
    assert server.requests[1]["stream_options"] == {"include_usage": True}


@given(pieces=st.lists(st.text("sk-4Z", max_size=4), max_size=12), secret=st.sampled_from(["sk-4", "ss", "k"]))
def test_a_secret_is_hidden_wherever_a_text_is_cut(pieces, secret):
    connection = Connection(Endpoint("http://x/v1", "m", secret))
    shown = "".join(connection.hide_in(pieces))
    assert secret not in shown
    assert shown == connection.hide("".join(pieces))


def test_a_key_that_is_echoed_in_a_reply_is_not_shown(server):
    server.replies = [stream(*events(*f"Your key is {KEY}.")), whole(f"Your key is {KEY}.")]
    asked = open_model(Settings(model="m", base_url=server.url, api_key=KEY))
    *pieces, reply = asked._attempts(HELLO, stream=True)
    assert "".join(pieces) == reply.text == asked.write(HELLO).text == "Your key is ***."
