"""``localstripe`` for the demonstration, and the script with which the page of a payment pays at it.

localstripe answers the portal as Stripe does and sends signed events. What it lacks is the form of Stripe's
script that takes any way of paying: `SCRIPT` is one, with the card that everybody tests with. A payment is
confirmed from here, since that takes the secret key. Nothing of this is in the portal.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from launch.process import wait_until

HOST = "127.0.0.1"
SECRET_KEY, WEBHOOK_SECRET, PUBLISHABLE_KEY = "sk_test_demonstration", "whsec_demonstration", "pk_test_demo"
_READY_SECONDS = 30

SCRIPT = """
"use strict";
window.Stripe = () => {
  const own = new URL(document.querySelector("script[src*='/v3/']").src).origin;
  const field = document.createElement("input");
  field.value = "4242 4242 4242 4242";
  field.className = "form-control";
  field.setAttribute("aria-label", "Card number");
  let secret = "";
  return {
    elements: (options) => {
      secret = options.clientSecret;
      return { create: () => ({ mount: (place) => document.querySelector(place).append(field) }) };
    },
    confirmPayment: async ({ confirmParams }) => {
      const body = JSON.stringify({ secret, card: field.value.replaceAll(" ", "") });
      const answer = await fetch(own + "/confirm", { method: "POST", body });
      const said = await answer.json();
      if (said.error) return { error: said.error };
      location.href = confirmParams.return_url;
      return {};
    },
  };
};
"""


def settings(port: int) -> dict[str, str]:
    """What the portal is set to when this stands in; the script's port, and localstripe's above it."""
    return {
        "TONGLU_STRIPE_SECRET_KEY": SECRET_KEY,
        "TONGLU_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "TONGLU_STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "TONGLU_STRIPE_API_BASE": f"http://{HOST}:{port + 1}",
        "TONGLU_STRIPE_SCRIPT": f"http://{HOST}:{port}/v3/",
    }


def command(port: int, base_url: str) -> list[str]:
    """The command that runs it beside the portal."""
    return [sys.executable, "-m", "launch.stripe_stand_in", "--port", str(port), "--portal", base_url]


def localstripe() -> list[str] | None:
    """How to start localstripe, where it is installed."""
    if importlib.util.find_spec("localstripe"):
        return [sys.executable, "-m", "localstripe"]
    found = shutil.which("localstripe")
    return [found] if found else None


def main() -> int:
    """Run localstripe and the script's server until a signal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--portal", required=True)
    options = parser.parse_args()
    start = localstripe()
    assert start is not None  # whoever starts this has asked
    api = f"http://{HOST}:{options.port + 1}"
    with subprocess.Popen([*start, "--port", str(options.port + 1), "--from-scratch"]) as process:
        try:
            if not wait_until(lambda: _is_there(api), _READY_SECONDS, pause=0.1):
                return 1
            hook = {"url": f"{options.portal}/stripe/webhook", "secret": WEBHOOK_SECRET}
            _ask(api, "/_config/webhooks/portal", hook)
            _server(options.port, api, options.portal).serve_forever()
        finally:
            process.terminate()
    return 0


def _is_there(api: str) -> bool:
    try:
        with urllib.request.urlopen(f"{api}/js.stripe.com/v3/", timeout=2):
            return True
    except OSError:
        return False


def _server(port: int, api: str, portal: str) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(SCRIPT.encode(), "text/javascript")

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
            self._say(json.dumps(_confirmed(api, sent)).encode(), "application/json")

        def _say(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Access-Control-Allow-Origin", portal)
            self.send_header("Cross-Origin-Resource-Policy", "cross-origin")
            self.end_headers()
            self.wfile.write(content)

    return ThreadingHTTPServer((HOST, port), Handler)


def _confirmed(api: str, sent: Mapping[str, str]) -> dict[str, Any]:
    """Pay an intent with a card, as a payer's browser would at Stripe."""
    intent = sent["secret"].partition("_secret_")[0]
    card = {"number": sent["card"], "exp_month": "12", "exp_year": "2040", "cvc": "123"}
    about = {"type": "card", **{f"card[{name}]": value for name, value in card.items()}}
    try:
        method = _ask(api, "/v1/payment_methods", about)
        _ask(api, f"/v1/payment_intents/{intent}", {"payment_method": method["id"]})
        _ask(api, f"/v1/payment_intents/{intent}/confirm", {})
    except urllib.error.HTTPError as refusal:
        said = json.loads(refusal.read() or b"{}").get("error", {})
        return {"error": {"message": said.get("message", "The card was declined.")}}
    return {}


def _ask(api: str, path: str, about: Mapping[str, str]) -> dict[str, Any]:
    request = urllib.request.Request(f"{api}{path}", urllib.parse.urlencode(about).encode())
    request.add_header("Authorization", f"Bearer {SECRET_KEY}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        content = answer.read()
    found: dict[str, Any] = json.loads(content) if content else {}
    return found


if __name__ == "__main__":
    sys.exit(main())
