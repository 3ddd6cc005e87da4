"""What the ways of being told are called."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.notifications.channels import Kind
from portal.notifications.rules import ByMail, Every

BY_MAIL = {
    ByMail.AT_ONCE: N_("At once"),
    ByMail.DIGEST: N_("In the digest"),
    ByMail.NONE: N_("Not by mail"),
}
EVERY = {Every.DAILY: N_("Every day"), Every.WEEKLY: N_("Every Monday")}
KINDS = {
    Kind.WECOM: N_("WeCom group robot"),
    Kind.DINGTALK: N_("DingTalk group robot"),
    Kind.FEISHU: N_("Feishu group robot"),
    Kind.SMS: N_("Gateway for text messages"),
}
