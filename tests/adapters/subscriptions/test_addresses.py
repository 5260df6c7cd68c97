"""Where notifications may go: nowhere inside our own network, whatever name leads there."""

import threading
from ipaddress import ip_address

import pytest

from openum.adapters.fhir.subscriptions import sending
from openum.adapters.fhir.subscriptions.rules import EndpointRefused, check_address, endpoint_of

NOTHING = frozenset()


@pytest.mark.parametrize(
    "url",
    [
        "http://ehr.example/",
        "https://10.0.0.5/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.5]/",
        "https://[64:ff9b::a00:5]/",
        "https://[fe80::1]/",
        "https://192.168.1.1:8443/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://user@ehr.example/",
        "https://ehr.example/#part",
        "https://ehr.example:99999/",
        "https:///path",
        "file:///etc/passwd",
        "gopher://ehr.example/",
        "https://ehr.example/ä",
        "https://[half/",
        "",
    ],
)
def test_outside_a_demo_only_public_https_addresses_are_taken(url):
    with pytest.raises(EndpointRefused):
        endpoint_of(url, listed=NOTHING, is_local=False)


@pytest.mark.parametrize("url", ["http://10.0.0.5/", "http://169.254.169.254/latest/meta-data"])
def test_a_demo_reaches_this_machine_but_no_neighbour(url):
    assert endpoint_of("http://127.0.0.1:4567/a?b=c", listed=NOTHING, is_local=True).target == "/a?b=c"
    with pytest.raises(EndpointRefused):
        endpoint_of(url, listed=NOTHING, is_local=True)


@pytest.mark.parametrize("listed", ["10.0.0.5", "10.0.0.5:8080", "hub.internal"])
def test_a_listed_host_may_have_any_address(listed):
    url = f"http://{listed.partition(':')[0]}:8080/heard"
    endpoint = endpoint_of(url, listed=frozenset({listed}), is_local=False)
    check_address(ip_address("10.0.0.5"), endpoint=endpoint, is_local=False)
    assert endpoint.authority.endswith(":8080")


@pytest.mark.parametrize("found", [["10.1.2.3"], ["93.184.216.34", "127.0.0.1"], ["::ffff:192.168.0.1"], []])
def test_a_name_that_leads_inside_is_not_connected_to(found, settings):
    settings.OPENUM_DEMO = False
    with pytest.raises(sending.NotTaken):
        sending.post("https://ehr.example/", [], b"{}", 1.0, look_up=lambda *_: found)


def test_a_name_that_is_not_found_is_no_crash():
    def nothing(host, port):
        raise OSError

    with pytest.raises(sending.NotTaken, match="name not found"):
        sending.post("https://ehr.example/", [], b"{}", 1.0, look_up=nothing)


def test_the_checked_address_is_the_one_connected_to_under_the_clients_name(listener):
    port = int(listener.url.split(":")[2].split("/")[0])
    sending.post(f"http://ehr.example:{port}/x", [("A", "b")], b"{}", 5.0, look_up=lambda *_: ["127.0.0.1"])
    assert (listener.headers[0]["Host"], listener.headers[0]["A"]) == (f"ehr.example:{port}", "b")


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
def test_anything_but_success_is_not_taken_and_no_redirect_is_followed(listener, status):
    listener.answers = [status]
    with pytest.raises(sending.NotTaken, match=f"HTTP {status}"):
        sending.post(listener.url, [], b"{}", 5.0)
    assert len(listener.posts) == 1


def test_a_listener_that_does_not_answer_in_time_is_left(listener):
    over = threading.Event()
    listener.before = lambda: over.wait(20)
    with pytest.raises(sending.NotTaken):
        sending.post(listener.url, [], b"{}", 0.2)
    over.set()


def test_a_closed_port_is_not_taken():
    with pytest.raises(sending.NotTaken, match="ConnectionRefusedError"):
        sending.post("http://127.0.0.1:9/", [], b"{}", 1.0)
