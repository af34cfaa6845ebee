import pytest
from certificates import Certificates
from fleet import Fleet
from redis_server import free_port


@pytest.fixture
def make_fleet(database):
    made = []

    def make(**settings):
        made.append(Fleet(database, **settings))
        return made[-1]

    yield make
    for fleet in made:
        fleet.close()


@pytest.fixture
def fleet(make_fleet):
    return make_fleet()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    made.make("server", "subjectAltName=IP:127.0.0.1")
    made.make("elsewhere", "subjectAltName=DNS:elsewhere.example")
    made.make("client", "extendedKeyUsage=clientAuth")
    made.make("stranger", None)
    return made


@pytest.fixture
def encrypted(make_fleet, certificates):
    """A fleet whose Redis speaks TLS on a port of its own."""

    def make(name="server", **settings):
        port = free_port()
        fleet = make_fleet(
            tls_port=port, tls_cert_file=certificates.path(name + ".crt"), tls_key_file=certificates.path(name + ".key"),
            tls_ca_cert_file=certificates.authority, **{"tls_auth_clients": "no", **settings})
        fleet.tls = f"rediss://127.0.0.1:{port}/0"
        return fleet

    return make
