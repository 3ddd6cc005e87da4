"""What a carrier's sentence says happened, in Chinese or English. Pure.

The first pattern that is met counts: what was not done stands before what was, what goes back before what
arrives.
"""

from __future__ import annotations

import re

from portal.tracking.rules import EventCode

_PATTERNS: tuple[tuple[EventCode, str], ...] = (
    (EventCode.RETURNED, r"退(件|回|货).{0,6}(签收|妥投)|退签|returned to (the )?sender|return delivered"),
    (EventCode.REFUSED, r"拒收|拒签|refused|rejected by"),
    (EventCode.RETURNING, r"退回|退件|退货|being returned|return to sender|returning"),
    (
        EventCode.EXCEPTION,
        r"未(能)?(签收|妥投|派送)|(签收|派送|投递)(失败|不成功)|异常|问题件|疑难|破损|丢失|延误|超时未取"
        r"|not delivered|undeliver|could not be delivered|attempt|exception|damaged|lost|delayed",
    ),
    (EventCode.DELIVERED, r"(快递柜|驿站|代收).{0,4}(签收|取出|取走)"),
    (
        EventCode.READY_FOR_PICKUP,
        r"快递柜|驿站|代收点|待取|自提|available for pick|ready for (pick|coll)|locker",
    ),
    # The promise to come is no delivery: 等待签收, 待签收, "to be delivered".
    (
        EventCode.OUT_FOR_DELIVERY,
        r"待签收|等待.{0,4}签收|派送|派件|正在投递|out for delivery|to be delivered",
    ),
    (EventCode.DELIVERED, r"签收|妥投|delivered"),
    (EventCode.IN_CUSTOMS, r"清关|海关|customs"),
    (
        EventCode.ANNOUNCED,
        r"information (was|sent|received)|info received|preparing shipment|已下单|label created",
    ),
    (EventCode.ACCEPTED, r"收取快件|已收件|已揽收|揽收|揽件|收寄|acceptance|accepted|posting|picked up"),
    (EventCode.IN_TRANSIT, r"离开|发往|装车|despatch|dispatch|depart|in transit"),
    (EventCode.ARRIVED_AT_HUB, r"到达|抵达|arriv"),
)
_COMPILED = tuple((code, re.compile(pattern, re.IGNORECASE)) for code, pattern in _PATTERNS)


def code_of_text(text: str) -> EventCode:
    """What a sentence tells; a parcel of which something else is told is on its way."""
    return next((code for code, pattern in _COMPILED if pattern.search(text)), EventCode.IN_TRANSIT)
