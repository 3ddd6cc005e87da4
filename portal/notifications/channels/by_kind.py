"""The services by their kind: a new channel is one line here."""

from __future__ import annotations

from portal.notifications.channels import Kind, Service
from portal.notifications.channels.dingtalk import Dingtalk
from portal.notifications.channels.feishu import Feishu
from portal.notifications.channels.sms import Sms
from portal.notifications.channels.wecom import Wecom

SERVICES: dict[str, Service] = {
    Kind.WECOM: Wecom(),
    Kind.DINGTALK: Dingtalk(),
    Kind.FEISHU: Feishu(),
    Kind.SMS: Sms(),
}
