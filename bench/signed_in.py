"""A person's session cookie, got as a browser gets it: through the issuer's own form."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx


class _Form(HTMLParser):
    """The first form that asks for a password: its action and hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.fields = "", {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if (
            tag == "form"
            and values.get("method", "").lower() == "post"
            and "/oauth/" in (values.get("action") or "/oauth/")
        ):
            self.action = values.get("action") or ""
        if tag == "input" and values.get("type") == "hidden" and values.get("name"):
            self.fields.setdefault(values["name"], values.get("value") or "")


def session_cookie(base_url: str, email: str, password: str) -> str:
    """Value of the Cookie header of somebody signed in.

    Raises SystemExit when the sign-in does not end on a page.
    """
    with httpx.Client(base_url=base_url, follow_redirects=True, timeout=30) as client:
        page = client.get("/login")
        form = _Form()
        form.feed(page.text)
        landed = client.post(
            form.action or str(page.url), data={**form.fields, "email": email, "password": password}
        )
        if landed.status_code != 200 or "/oauth/" in str(landed.url):
            raise SystemExit(f"sign-in of {email} ended with {landed.status_code} at {landed.url}")
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
