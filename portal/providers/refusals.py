"""Why somebody who comes back from a provider is not let in: a code, what happened, what to do."""

from __future__ import annotations

from enum import StrEnum

from portal.identity.relying_party import SignInFailed
from portal.kernel.errors import N_


class Why(StrEnum):
    """What was wrong."""

    STATE = "foreign_state"
    ERROR = "provider_refused"
    MIX_UP = "foreign_issuer"
    DOWN = "provider_down"
    METADATA = "bad_metadata"
    ADDRESS = "address_refused"
    CODE = "code_refused"
    NO_TOKEN = "no_id_token"
    ALGORITHM = "algorithm_refused"
    KEY = "unknown_key"
    SIGNATURE = "bad_signature"
    ISSUER = "wrong_issuer"
    AUDIENCE = "wrong_audience"
    EXPIRED = "token_expired"
    NONCE = "wrong_nonce"
    SUBJECT = "no_subject"
    USERINFO = "wrong_userinfo"
    NO_MAIL = "no_mail"
    UNVERIFIED = "mail_not_verified"
    MAIL = "foreign_mail"
    NO_RULE = "no_rule_fits"
    NO_REGION = "no_region"
    NOT_MADE = "no_account_made"
    ELSEWHERE = "account_elsewhere"
    SHUT_OUT = "shut_out"
    SIGNED_OUT = "signed_out_there"
    OFF = "provider_off"
    OTHER_PERSON = "other_person"
    NOT_FRESH = "not_proven_anew"


_START = N_("Start again from the sign-in page.")
_TELL = N_("Tell whoever looks after the company sign-in; the code below says what was wrong.")

WORDS: dict[Why, tuple[str, str]] = {
    Why.STATE: (
        N_("This sign-in was not begun in this browser, or it was used or has run out."),
        _START,
    ),
    Why.ERROR: (N_("Your company's sign-in did not let you through."), _START),
    Why.MIX_UP: (N_("The answer came from another provider than the one you were sent to."), _TELL),
    Why.DOWN: (
        N_("Your company's sign-in does not answer."),
        N_("Try again in a moment. Owners and administrators can sign in with their password."),
    ),
    Why.METADATA: (N_("What your company's provider publishes about itself cannot be used."), _TELL),
    Why.ADDRESS: (N_("Your company's provider stands at an address that the portal does not ask."), _TELL),
    Why.CODE: (N_("Your company's provider does not know the code it sent, or the portal."), _START),
    Why.NO_TOKEN: (N_("Your company's provider sent no ID token."), _TELL),
    Why.ALGORITHM: (N_("The ID token is signed in a way that the portal does not take."), _TELL),
    Why.KEY: (N_("The ID token is signed by a key that your company's provider does not publish."), _TELL),
    Why.SIGNATURE: (N_("The signature of the ID token is wrong."), _TELL),
    Why.ISSUER: (N_("The ID token is from another provider."), _TELL),
    Why.AUDIENCE: (N_("The ID token is for another program than the portal."), _TELL),
    Why.EXPIRED: (
        N_("The ID token has run out, or is of another time."),
        N_("Start again. If it happens each time, a clock is wrong: tell whoever looks after it."),
    ),
    Why.NONCE: (N_("The ID token belongs to another sign-in."), _START),
    Why.SUBJECT: (N_("The ID token does not say who it is of."), _TELL),
    Why.USERINFO: (N_("What your company's provider tells of you is of somebody else."), _TELL),
    Why.NO_MAIL: (N_("Your company's provider told no email."), _TELL),
    Why.UNVERIFIED: (
        N_("Your company's provider has not verified your email."),
        N_("Have it verified there, then start again."),
    ),
    Why.MAIL: (
        N_("Your email does not belong to a domain of this company sign-in."),
        N_("Sign in with the account of your company."),
    ),
    Why.NO_RULE: (
        N_("Nothing that your company's provider says of you gives a role here."),
        N_("Ask whoever looks after the company sign-in to give you a group that has one."),
    ),
    Why.NO_REGION: (
        N_("Nothing that your company's provider says of you gives a region here."),
        N_("Ask whoever looks after the company sign-in to give you a group that has one."),
    ),
    Why.NOT_MADE: (
        N_("You have no account here, and none is made by itself."),
        N_("Ask whoever manages the people of your company to invite you."),
    ),
    Why.ELSEWHERE: (
        N_("This address has an account that does not belong to this company sign-in."),
        N_("Sign in with your password, or ask an administrator."),
    ),
    Why.SHUT_OUT: (
        N_("This account cannot sign in."),
        N_("Ask whoever manages the people of your company."),
    ),
    Why.SIGNED_OUT: (N_("Your company's provider has ended this sign-in meanwhile."), _START),
    Why.OFF: (
        N_("This company sign-in is switched off."),
        N_("Sign in with your password. Without one, have a link sent: Forgotten password."),
    ),
    Why.OTHER_PERSON: (
        N_("You signed in there as somebody else than the one who is signed in here."),
        N_("Sign out there first, then try again."),
    ),
    Why.NOT_FRESH: (
        N_("Your company's provider did not ask again who you are."),
        N_("Sign out there first, then try again."),
    ),
}


class NotLetIn(SignInFailed):
    """Somebody who came back from a provider is not let in. detail: for whoever tries the provider."""

    def __init__(self, why: Why, detail: str = "") -> None:
        message, fix = WORDS[why]
        super().__init__(str(why), message, fix=fix)
        self.why = why
        self.detail = detail[:300]
