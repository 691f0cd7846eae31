"""A real daemon with channels that fail, and a real Prometheus that scrapes it. Takes the binary, the folder of the rules and the
dashboard, and a folder to work in."""

import http.server
import itertools
import json
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

FANFARE, MONITORING, WORK = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
DEADLINE = 90
# The alerts that fire in this test, with their channels.
EXPECTED = {("FanfareDeadLetters", "failing"), ("FanfareChannelSuspended", "gone")}
# Exported with TLS only, which this daemon does not have.
ABSENT = {f"fanfare_tls_certificate_not_{end}_timestamp_seconds" for end in ("before", "after")}
# The dashboard's variables, as Grafana fills them in for "All" with a scrape per second.
VARIABLES = {"$job": "fanfare", "$instance": ".*", "$channel": ".*", "$__rate_interval": "10s", "$__range": "1h"}


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(int(self.path.strip("/")))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def config(receiver: str) -> str:
    def webhook(name: str, status: int, policy: str) -> str:
        return (
            f'[channels.{name}]\nplugin = "builtin:webhook"\n{policy}\n'
            f'settings = {{ url = "http://{receiver}/{status}" }}\ngrant = {{ http = ["{receiver}"] }}\n\n'
        )

    return (
        '[server]\nlisten = "127.0.0.1:0"\nwait = "5s"\n\n'
        '[[stages]]\nname = "enrich"\nplugin = "builtin:enrich"\ntypes = ["never"]\n'
        'settings = { file = "/data/none.json", key = "data.id", into = "data.more" }\n'
        f'grant = {{ files = [{{ host = "{WORK}", guest = "/data" }}] }}\n\n'
        '[schemas."user.*"]\nfile = "schema.json"\nmode = "warn"\n\n'
        '[channels.log]\nplugin = "builtin:log"\n\n'
        + webhook("failing", 503, "retries = 0")
        + webhook("gone", 410, "retries = 0")
        + webhook("guarded", 503, 'retries = 100\nbreaker = { failures = 2, open = "1h" }')
        + webhook("gathering", 200, 'batch = { max = 2, linger = "100ms" }')
    )


def get(url: str):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()


def publish(url: str, number: int) -> None:
    body = json.dumps({"type": "user.signup", "id": str(number), "data": {}}).encode()
    headers = {"content-type": "application/json", "prefer": "respond-async"}
    urllib.request.urlopen(urllib.request.Request(f"{url}/v1/events", body, headers), timeout=10).read()


class Prometheus:
    def __init__(self, url: str):
        self.url = url

    def api(self, path: str, **query):
        return json.loads(get(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"))["data"]

    def query(self, expr: str):
        try:
            return self.api("query", query=expr)["result"]
        except urllib.error.HTTPError as error:
            sys.exit(f"{expr}: {error.read().decode()}")


def fill_in(text: str) -> str:
    for name, value in VARIABLES.items():
        text = text.replace(name, value)
    return text


def dashboard_queries(dashboard) -> list[str]:
    panels = [inner for panel in dashboard["panels"] for inner in (panel, *panel.get("panels", []))]
    targets = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    return [fill_in(expr) for expr in targets]


def metrics_of(text: str) -> set[str]:
    return set(re.findall(r"\b(?:fanfare|process)_[a-z_]+\b(?=[{\[) ])", text))


def wait(what: str, ready):
    """What `ready` answers, once that is something."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        error = ""
        try:
            if answer := ready():
                return answer
        except (urllib.error.URLError, ConnectionError) as failed:
            error = failed
        time.sleep(0.2)
    sys.exit(f"not within {DEADLINE} s: {what} {error}")


def check(url: str, prometheus: Prometheus) -> None:
    wait("Prometheus scrapes the daemon", lambda: prometheus.query('fanfare_ready{job="fanfare"} == 1'))
    numbers = itertools.count(1)

    def firing():
        publish(url, next(numbers))
        alerts = [alert for alert in prometheus.api("alerts")["alerts"] if alert["state"] == "firing"]
        found = {(alert["labels"]["alertname"], alert["labels"].get("channel")) for alert in alerts}
        return alerts if found >= EXPECTED else None

    alerts = wait(f"these alerts fire: {EXPECTED}", firing)
    for alert in alerts:
        # Where a template cannot be filled in, the text is `<no value>` or `<error …>`.
        assert "<" not in "".join(alert["annotations"].values()), alert
    silent = {"FanfareDown", "FanfareNotReady", "FanfareJournalFailing", "FanfareHostFaults"}
    assert not silent & {alert["labels"]["alertname"] for alert in alerts}, alerts
    print(f"{len(alerts)} alerts fire: {', '.join(sorted({alert['labels']['alertname'] for alert in alerts}))}")

    rules = [rule for group in prometheus.api("rules")["groups"] for rule in group["rules"]]
    for rule in rules:
        assert rule["health"] == "ok" and not rule.get("lastError"), rule
    known = set(prometheus.api("label/__name__/values"))
    dashboard = json.loads((MONITORING / "grafana.json").read_text())
    queries = dashboard_queries(dashboard)
    assert len(queries) > 40, len(queries)
    for text in [*queries, *(rule["query"] for rule in rules)]:
        unknown = metrics_of(text) - known - ABSENT
        assert not unknown, f"{text}: no such metric: {unknown}"

    def answered():
        publish(url, next(numbers))
        nonlocal empty
        empty = [query for query in queries if not prometheus.query(query)]
        return not empty

    empty: list[str] = []
    try:
        wait("every query of the dashboard has data", answered)
    except SystemExit:
        sys.exit("these queries of the dashboard have no data:\n" + "\n".join(empty))
    for variable in dashboard["templating"]["list"][1:]:
        metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", fill_in(variable["query"]["query"])).groups()
        values = {series["metric"].get(label) for series in prometheus.query(metric)} - {None}
        assert values, variable
        assert label != "channel" or values >= {"log", "failing", "gone", "guarded", "gathering"}, values
    print(f"{len(queries)} queries of the dashboard have data, {len(rules)} rules are evaluated")


def main() -> None:
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    (WORK / "config.toml").write_text(config("127.0.0.1:%d" % receiver.server_port))
    (WORK / "schema.json").write_text('{ "properties": { "data": {} }, "required": ["plan"] }')
    (WORK / "none.json").write_text("{}")
    log = open(WORK / "fanfare.log", "w")
    daemon = subprocess.Popen(
        [FANFARE, "serve", "--json", "--config", str(WORK / "config.toml")], stdout=subprocess.PIPE, stderr=log
    )
    server = None
    try:
        listening = daemon.stdout.readline()
        assert listening, (WORK / "fanfare.log").read_text()
        url = json.loads(listening)["listening"]
        # Creates one of everything before the names are checked.
        publish(url, 0)
        metrics = get(f"{url}/metrics")
        subprocess.run(["promtool", "check", "metrics"], input=metrics, check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % free.getsockname()[1]
        target = url.removeprefix("http://")
        (WORK / "prometheus.yml").write_text(
            "global: { scrape_interval: 1s, evaluation_interval: 1s }\n"
            f"rule_files: ['{MONITORING / 'alerts.yaml'}']\n"
            f"scrape_configs: [{{ job_name: fanfare, static_configs: [{{ targets: ['{target}'] }}] }}]\n"
        )
        server = subprocess.Popen(
            ["prometheus", f"--config.file={WORK / 'prometheus.yml'}", f"--storage.tsdb.path={WORK / 'tsdb'}"]
            + [f"--web.listen-address={address}", "--log.level=warn"]
        )
        check(url, Prometheus(f"http://{address}"))
    finally:
        for process in (server, daemon):
            if process:
                process.terminate()
                process.wait(timeout=40)


main()
